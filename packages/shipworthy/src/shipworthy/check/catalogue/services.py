"""Other companies' products, browsers, searches, and whoever else has to be asked over the network."""

THREAD = "anyio.to_thread.run_sync"
DOCUMENTS = "~search ~get ~get_document ~get_documents ~add_documents ~update_documents ~delete_document"
BROWSER = (
    "get refresh back execute_script find_element find_elements quit close save_screenshot "
    "get_screenshot_as_png get_screenshot_as_base64"
)
EXCHANGE = (
    "load_markets fetch_markets fetch_ticker fetch_tickers fetch_ohlcv fetch_balance fetch_order "
    "fetch_orders fetch_order_book fetch_open_orders fetch_trades fetch_my_trades fetch_positions "
    "create_order cancel_order"
)
USER, ACCOUNT = "google.oauth2.credentials.Credentials", "google.oauth2.service_account.Credentials"
TOKEN = ("get_token", "azure.identity.aio.DefaultAzureCredential")
FAMILIES = {
    "ccxt": (EXCHANGE, "ccxt.async_support"),
    **dict.fromkeys(
        ("sklearn", "xgboost", "lightgbm", "catboost", "prophet"),
        ("fit predict predict_proba transform fit_transform", THREAD),
    ),
}
FUNCTIONS = {
    "playwright.sync_api.sync_playwright": "playwright.async_api.async_playwright",
    "trafilatura.fetch_url": "httpx.AsyncClient.get",
    "pexpect.spawn": "asyncio.create_subprocess_exec",
    "pexpect.run": "asyncio.create_subprocess_exec",
    "pywebpush.webpush": THREAD,
    "netmiko.ConnectHandler": THREAD,
    "rembg.remove": THREAD,
    "spacy.load()": THREAD,
    **{f"selenium.webdriver.{each}": THREAD for each in ("Chrome", "Firefox", "Edge", "Remote")},
}
METHODS = {
    **{f"selenium.webdriver.{each}": (BROWSER, THREAD) for each in ("Chrome", "Firefox", "Edge", "Remote")},
    "selenium.webdriver.support.ui.WebDriverWait": ("until until_not", THREAD),
    "netmiko.ConnectHandler": ("send_command send_config_set disconnect", THREAD),
    "fabric.Connection": ("run sudo put get open", THREAD),
    USER: ("refresh", THREAD),
    ACCOUNT: ("refresh", THREAD),
    "google_auth_oauthlib.flow.Flow": ("fetch_token", THREAD),
    "azure.identity.DefaultAzureCredential": TOKEN,
    "azure.identity.ClientSecretCredential": TOKEN,
    "azure.identity.ManagedIdentityCredential": TOKEN,
    "notion_client.Client": ("**", "notion_client.AsyncClient"),
    "pyairtable.Api": ("~all ~get ~first ~create ~batch_create ~update ~batch_update ~delete", THREAD),
    "hubspot.HubSpot": ("**", THREAD),
    "simple_salesforce.Salesforce": ("**", THREAD),
    "mailchimp_transactional.Client": ("**", THREAD),
    "sib_api_v3_sdk.TransactionalEmailsApi": ("*", THREAD),
    "postmarker.core.PostmarkClient": ("**", THREAD),
    "mailersend.emails.NewEmail": ("send", THREAD),
    "exponent_server_sdk.PushClient": ("publish publish_multiple", THREAD),
    "imagekitio.ImageKit": ("**", THREAD),
    "binance.client.Client": ("* - close", "binance.AsyncClient"),
    "shotgun_api3.Shotgun": ("find find_one create update delete batch upload upload_thumbnail", THREAD),
    "consul.Consul": ("**", THREAD),
    "etcd3.client()": ("get get_all get_prefix put delete lock", THREAD),
    "ldap.initialize()": (
        "simple_bind_s bind_s search_s search_ext_s add_s modify_s delete_s unbind_s start_tls_s", THREAD,
    ),
    "rq.Queue": ("enqueue enqueue_call enqueue_in enqueue_at fetch_job", THREAD),
    "meilisearch.Client": (
        f"{DOCUMENTS} ~create_index ~wait_for_task get_index health", "meilisearch_python_sdk.AsyncClient",
    ),
    "typesense.Client": ("~search ~create ~upsert ~retrieve ~update ~delete ~import_ ~export", THREAD),
    "dropbox.Dropbox": ("* - close clone", THREAD),
    "pytube.YouTube": ("~download", THREAD),
    "tinydb.TinyDB": ("~insert ~insert_multiple ~search ~get ~update ~remove ~all ~upsert ~truncate", THREAD),
    "couchbase.cluster.Cluster": (
        "~query ~get ~upsert ~insert ~replace ~remove", "acouchbase.cluster.Cluster",
    ),
    "arango.ArangoClient": ("~execute ~insert ~get ~update ~replace ~delete ~find ~all", THREAD),
    "influxdb.InfluxDBClient": ("* - close", THREAD),
    "newspaper.Article": ("download", THREAD),
    "serpapi.GoogleSearch": ("get_dict get_json get_results", THREAD),
    "firecrawl.FirecrawlApp": ("*", "firecrawl.AsyncFirecrawlApp"),
    "firecrawl.Firecrawl": ("*", "firecrawl.AsyncFirecrawl"),
    "apify_client.ApifyClient": ("~call ~start ~get ~list ~list_items", "apify_client.ApifyClientAsync"),
    "deepgram.DeepgramClient": ("~transcribe_file ~transcribe_url", THREAD),
    "crewai.Crew": ("kickoff kickoff_for_each", "crewai.Crew.kickoff_async"),
    "faiss.read_index()": ("search add", THREAD),
}  # fmt: skip
COMPUTING = {
    "sklearn", "xgboost", "lightgbm", "catboost", "prophet", "spacy.load()", "faiss.read_index()",
}  # fmt: skip
MADE = {
    "etcd3.client": "etcd3.client()",
    **{
        f"{each}[]": each
        for each in ("typesense.Client.collections", "typesense.Client.collections.documents")
    },
    "ldap.initialize": "ldap.initialize()",
    "faiss.read_index": "faiss.read_index()",
    "spacy.load": "spacy.load()",
    "instructor.from_openai": "openai.OpenAI",
    "instructor.patch": "openai.OpenAI",
    **{
        f"google_auth_oauthlib.flow.Flow.from_client_{each}": "google_auth_oauthlib.flow.Flow"
        for each in ("config", "secrets_file")
    },
    **{f"{USER}.from_authorized_user_{each}": USER for each in ("info", "file")},
    **{f"{ACCOUNT}.from_service_account_{each}": ACCOUNT for each in ("info", "file")},
}
