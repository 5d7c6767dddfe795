"""HTTP, mail, cloud and other services."""

VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
CLIENT, THREAD = "httpx.AsyncClient", "anyio.to_thread.run_sync"

FUNCTIONS = {
    **{
        f"{library}.{verb}": f"{CLIENT}.{verb}"
        for library in ("requests", "httpx", "cloudscraper")
        for verb in VERBS
    },
    "httpx.stream": f"{CLIENT}.stream",
    "urllib.request.urlopen": f"{CLIENT}.get",
    "urllib.request.urlretrieve": f"{CLIENT}.stream",
    "urllib3.request": f"{CLIENT}.request",
    "smtplib.SMTP": "aiosmtplib.SMTP",
    "smtplib.SMTP_SSL": "aiosmtplib.SMTP",
    "ftplib.FTP": "aioftp.Client",
    "socket.create_connection": "asyncio.open_connection",
    "socket.gethostbyname": "asyncio.loop.getaddrinfo",
    "socket.getaddrinfo": "asyncio.loop.getaddrinfo",
    "websocket.create_connection": "websockets.connect",
    "yfinance.download": THREAD,
    "feedparser.parse": f"{CLIENT}.get",
    "gdown.download": f"{CLIENT}.stream",
    "huggingface_hub.hf_hub_download": THREAD,
    "huggingface_hub.snapshot_download": THREAD,
    "replicate.run": "replicate.async_run",
    "litellm.completion": "litellm.acompletion",
    "litellm.embedding": "litellm.aembedding",
    "resend.Emails.send": "resend.Emails.send_async",
    "firebase_admin.auth.verify_id_token": THREAD,
    "firebase_admin.auth.get_user": THREAD,
    "firebase_admin.messaging.send": THREAD,
    "google.oauth2.id_token.verify_oauth2_token": THREAD,
    "cloudinary.uploader.upload": THREAD,
    "cloudinary.uploader.destroy": THREAD,
    "razorpay.Client.order.create": THREAD,
    "ollama.chat": "ollama.AsyncClient.chat",
    "ollama.generate": "ollama.AsyncClient.generate",
    "ollama.embeddings": "ollama.AsyncClient.embeddings",
    "ollama.list": "ollama.AsyncClient.list",
}
STRIPE = (
    "Customer Charge PaymentIntent Subscription Invoice Product Price Refund Account Payout Transfer Coupon"
)
STRIPE_CALLS = "create retrieve modify delete list cancel confirm capture search"
FUNCTIONS |= {
    f"stripe.{kind}.{call}": f"stripe.{kind}.{call}_async"
    for kind in f"{STRIPE} SetupIntent PaymentMethod BalanceTransaction Event PromotionCode".split()
    for call in STRIPE_CALLS.split()
} | {
    "stripe.checkout.Session.create": "stripe.checkout.Session.create_async",
    "stripe.checkout.Session.retrieve": "stripe.checkout.Session.retrieve_async",
    "stripe.billing_portal.Session.create": "stripe.billing_portal.Session.create_async",
}
METHODS = {
    "requests.Session": (f"{' '.join(VERBS)} send", CLIENT),
    "httpx.Client": (f"{' '.join(VERBS)} send stream", CLIENT),
    "urllib3.PoolManager": ("request urlopen", CLIENT),
    "http.client.HTTPConnection": ("request getresponse connect", CLIENT),
    "http.client.HTTPSConnection": ("request getresponse connect", CLIENT),
    "smtplib.SMTP": ("sendmail send_message login starttls connect quit ehlo", "aiosmtplib.SMTP"),
    "smtplib.SMTP_SSL": ("sendmail send_message login connect quit ehlo", "aiosmtplib.SMTP"),
    "imaplib.IMAP4_SSL": ("* - debug", "aioimaplib.IMAP4_SSL"),
    "imaplib.IMAP4": ("* - debug", "aioimaplib.IMAP4"),
    "ftplib.FTP": ("*", "aioftp.Client"),
    "paramiko.SSHClient": ("connect exec_command open_sftp", "asyncssh.connect"),
    "paramiko.SFTPClient": ("*", "asyncssh.SFTPClient"),
    "socket.socket": ("connect recv send sendall accept recvfrom", "asyncio.open_connection"),
    "websocket.WebSocket": ("connect recv send", "websockets.connect"),
    "boto3.client()": (
        (
            "** - generate_presigned_url generate_presigned_post can_paginate get_paginator meta exceptions "
            "close get_waiter"
        ),
        "aioboto3.Session.client",
    ),
    "boto3.resource()": (
        "** - meta Table Bucket Object Queue Topic get_available_subresources",
        "aioboto3.Session.resource",
    ),
    "botocore.paginate()": ("build_full_result", "aioboto3.Session.client"),
    "minio.Minio": ("*", "miniopy_async.Minio"),
    "docker.DockerClient": ("** - api close", "aiodocker.Docker"),
    "kubernetes.client.CoreV1Api": ("*", "kubernetes_asyncio.client.CoreV1Api"),
    "kubernetes.client.AppsV1Api": ("*", "kubernetes_asyncio.client.AppsV1Api"),
    "kubernetes.client.BatchV1Api": ("*", "kubernetes_asyncio.client.BatchV1Api"),
    "kubernetes.client.CustomObjectsApi": ("*", "kubernetes_asyncio.client.CustomObjectsApi"),
    "openai.OpenAI": ("** - with_options copy with_raw_response close", "openai.AsyncOpenAI"),
    "openai.AzureOpenAI": ("** - with_options copy with_raw_response close", "openai.AsyncAzureOpenAI"),
    "anthropic.Anthropic": ("** - with_options copy close", "anthropic.AsyncAnthropic"),
    "groq.Groq": ("** - close", "groq.AsyncGroq"),
    "mistralai.Mistral": ("**", "mistralai.Mistral.chat.complete_async"),
    "cohere.Client": ("chat embed generate rerank classify", "cohere.AsyncClient"),
    "ollama.Client": ("*", "ollama.AsyncClient"),
    "google.generativeai.GenerativeModel": (
        "generate_content count_tokens start_chat",
        "google.generativeai.GenerativeModel.generate_content_async",
    ),
    "google.genai.Client": ("** - aio close", "google.genai.Client.aio"),
    "huggingface_hub.InferenceClient": ("*", "huggingface_hub.AsyncInferenceClient"),
    "tavily.TavilyClient": ("*", "tavily.AsyncTavilyClient"),
    "twilio.rest.Client": ("**", "twilio.http.async_http_client.AsyncTwilioHttpClient"),
    "slack_sdk.WebClient": ("*", "slack_sdk.web.async_client.AsyncWebClient"),
    "sendgrid.SendGridAPIClient": ("send", THREAD),
    "github.Github": ("get_user get_repo get_organization search_repositories", THREAD),
    "stripe.StripeClient": (
        "** - construct_event parse_thin_event parse_event_notification",
        "stripe.StripeClient.v1",
    ),
    "tweepy.API": ("*", "tweepy.asynchronous.AsyncClient"),
    "google.cloud.storage.Blob": (
        (
            "upload_from_string upload_from_file upload_from_filename download_as_bytes download_as_text "
            "download_as_string download_to_filename exists delete reload"
        ),
        THREAD,
    ),
    "google.cloud.storage.Client": ("get_bucket list_blobs create_bucket list_buckets", THREAD),
    "google.cloud.bigquery.Client": ("* - dataset close", THREAD),
    "google.cloud.firestore.DocumentReference": (
        "get set update delete create",
        "google.cloud.firestore.AsyncClient",
    ),
    "google.cloud.firestore.CollectionReference": ("get add stream", "google.cloud.firestore.AsyncClient"),
    "google.cloud.pubsub_v1.PublisherClient": ("create_topic get_topic", THREAD),
    "google.cloud.secretmanager.SecretManagerServiceClient": (
        "access_secret_version create_secret",
        "google.cloud.secretmanager.SecretManagerServiceAsyncClient",
    ),
    "azure.storage.blob.BlobClient": (
        "upload_blob download_blob delete_blob exists get_blob_properties",
        "azure.storage.blob.aio.BlobClient",
    ),
    "azure.storage.blob.ContainerClient": (
        "upload_blob download_blob delete_blob exists create_container",
        "azure.storage.blob.aio.ContainerClient",
    ),
    "azure.keyvault.secrets.SecretClient": (
        "get_secret set_secret",
        "azure.keyvault.secrets.aio.SecretClient",
    ),
    "hvac.Client": ("**", THREAD),
    "zeep.Client": ("**", "zeep.AsyncClient"),
    "web3.Web3": (
        "eth.get_balance eth.get_block eth.get_transaction eth.send_raw_transaction is_connected",
        "web3.AsyncWeb3",
    ),
}
MADE = {
    "requests.session": "requests.Session",
    "cloudscraper.create_scraper": "requests.Session",
    "boto3.client": "boto3.client()",
    "boto3.resource": "boto3.resource()",
    "boto3.session.Session.client": "boto3.client()",
    "boto3.session.Session.resource": "boto3.resource()",
    "boto3.client().get_paginator": "boto3.get_paginator()",
    "boto3.get_paginator().paginate": "botocore.paginate()",
    "boto3.resource().Table": "boto3.resource()",
    "boto3.resource().Bucket": "boto3.resource()",
    "boto3.resource().Object": "boto3.resource()",
    "docker.from_env": "docker.DockerClient",
    "paramiko.SSHClient.open_sftp": "paramiko.SFTPClient",
    "google.cloud.storage.Client.bucket": "google.cloud.storage.Bucket",
    "google.cloud.storage.Client.get_bucket": "google.cloud.storage.Bucket",
    "google.cloud.storage.Bucket.blob": "google.cloud.storage.Blob",
    "firebase_admin.storage.bucket": "google.cloud.storage.Bucket",
    "firebase_admin.firestore.client": "google.cloud.firestore.Client",
    "google.cloud.firestore.Client.collection": "google.cloud.firestore.CollectionReference",
    "google.cloud.firestore.Client.document": "google.cloud.firestore.DocumentReference",
    "google.cloud.firestore.CollectionReference.document": "google.cloud.firestore.DocumentReference",
    "google.cloud.firestore.CollectionReference.where": "google.cloud.firestore.CollectionReference",
    "google.cloud.firestore.CollectionReference.order_by": "google.cloud.firestore.CollectionReference",
    "google.cloud.firestore.CollectionReference.limit": "google.cloud.firestore.CollectionReference",
    "azure.storage.blob.BlobServiceClient.get_blob_client": "azure.storage.blob.BlobClient",
    "azure.storage.blob.BlobServiceClient.get_container_client": "azure.storage.blob.ContainerClient",
    "azure.storage.blob.ContainerClient.get_blob_client": "azure.storage.blob.BlobClient",
    "azure.storage.blob.BlobServiceClient.from_connection_string": "azure.storage.blob.BlobServiceClient",
}
