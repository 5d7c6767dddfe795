"""Clouds, payments and what else other companies run."""

THREAD = "anyio.to_thread.run_sync"
FIRESTORE = (
    "~get ~stream ~set ~update ~delete ~add ~create ~commit ~get_all ~list_documents ~collections",
    "google.cloud.firestore.AsyncClient",
)
SUPABASE = (
    "~execute ~upload ~download ~remove ~create_signed_url ~list_buckets ~get_user ~sign_up "
    "~sign_in_with_password "
    "~sign_in_with_otp ~verify_otp ~sign_out ~refresh_session ~reset_password_for_email "
    "~exchange_code_for_session "
    "~create_user ~delete_user ~update_user_by_id ~update_user ~list_users "
    "~invite_user_by_email ~get_user_by_id"
)
STRIPE = (
    "Customer Charge PaymentIntent Subscription Invoice Product Price Refund Account "
    "AccountLink Payout Transfer "
    "Coupon SetupIntent PaymentMethod BalanceTransaction Event PromotionCode SubscriptionItem InvoiceItem "
    "checkout.Session billing_portal.Session billing.Meter billing.MeterEvent PaymentLink TaxRate"
)
STRIPE_CALLS = (
    "create retrieve modify delete list cancel confirm capture search finalize_invoice attach detach pay"
)


def of(module: str, names: str, twin: str = THREAD) -> dict[str, str]:
    """Several functions of a module with one twin."""
    return {f"{module}.{name}": twin for name in names.split()}


FUNCTIONS = {
    f"stripe.{kind}.{call}": f"stripe.{kind}.{call}_async"
    for kind in STRIPE.split()
    for call in STRIPE_CALLS.split()
} | {
    "resend.Emails.send": "resend.Emails.send_async",
    **of(
        "firebase_admin.auth",
        "verify_id_token verify_session_cookie get_user get_user_by_email "
        "get_user_by_phone_number create_user "
        "update_user delete_user list_users set_custom_user_claims create_session_cookie "
        "revoke_refresh_tokens "
        "generate_password_reset_link generate_email_verification_link",
    ),
    **of(
        "firebase_admin.messaging", "send send_each send_multicast send_each_for_multicast subscribe_to_topic"
    ),
    **of("google.oauth2.id_token", "verify_oauth2_token verify_token verify_firebase_token fetch_id_token"),
    **of("cloudinary.uploader", "upload upload_large destroy rename explicit"),
    **of("kubernetes.config", "load_kube_config load_incluster_config"),
    **of("yfinance", "download"),
    **of("gdown", "download"),
    **of("pusher", "Pusher.trigger"),
}
METHODS = {
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
    "botocore.paginate()": ("build_full_result __iter__", "aioboto3.Session.client"),
    "minio.Minio": ("*", "miniopy_async.Minio"),
    "oss2.Bucket": (
        "put_object get_object delete_object object_exists put_object_from_file list_objects",
        THREAD,
    ),
    "qcloud_cos.CosS3Client": ("*", THREAD),
    "google.cloud.storage.Client": (
        (
            "get_bucket list_blobs create_bucket list_buckets lookup_bucket ~upload_from_string "
            "~upload_from_file "
            "~upload_from_filename ~download_as_bytes ~download_as_text ~download_as_string "
            "~download_to_filename "
            "~download_to_file ~exists ~delete ~reload ~get_blob ~patch ~list_blobs ~make_public"
        ),
        THREAD,
    ),
    "google.cloud.bigquery.Client": ("* - dataset close", THREAD),
    "google.cloud.firestore.Client": FIRESTORE,
    "google.cloud.pubsub_v1.PublisherClient": ("create_topic get_topic publish().result", THREAD),
    "google.cloud.secretmanager.SecretManagerServiceClient": (
        "access_secret_version create_secret",
        "google.cloud.secretmanager.SecretManagerServiceAsyncClient",
    ),
    "google.cloud.speech.SpeechClient": (
        "recognize long_running_recognize",
        "google.cloud.speech.SpeechAsyncClient",
    ),
    "google.cloud.texttospeech.TextToSpeechClient": (
        "synthesize_speech list_voices", "google.cloud.texttospeech.TextToSpeechAsyncClient",
    ),
    "google.cloud.translate_v2.Client": ("translate detect_language", THREAD),
    "google.cloud.vision.ImageAnnotatorClient": ("*", "google.cloud.vision.ImageAnnotatorAsyncClient"),
    "google.cloud.tasks_v2.CloudTasksClient": ("create_task", "google.cloud.tasks_v2.CloudTasksAsyncClient"),
    "googleapiclient.discovery.build()": ("~execute", THREAD),
    "firebase_admin.db.reference()": ("~get ~set ~update ~push ~delete", THREAD),
    "firebase_admin.auth.Client": ("*", THREAD),
    "googlemaps.Client": ("*", THREAD),
    "gspread.Client": ("**", "gspread_asyncio"),
    "azure.storage.blob.BlobClient": (
        "upload_blob download_blob delete_blob exists get_blob_properties",
        "azure.storage.blob.aio.BlobClient",
    ),
    "azure.storage.blob.ContainerClient": (
        "upload_blob download_blob delete_blob exists create_container",
        "azure.storage.blob.aio.ContainerClient",
    ),
    "azure.cosmos.CosmosClient": (
        (
            "~create_item ~upsert_item ~read_item ~replace_item ~delete_item ~create_database_if_not_exists "
            "~create_container_if_not_exists"
        ),
        "azure.cosmos.aio.CosmosClient",
    ),
    "azure.search.documents.SearchClient": (
        "search upload_documents merge_or_upload_documents delete_documents get_document",
        "azure.search.documents.aio.SearchClient",
    ),
    "azure.keyvault.secrets.SecretClient": (
        "get_secret set_secret",
        "azure.keyvault.secrets.aio.SecretClient",
    ),
    "supabase.Client": (SUPABASE, "supabase.AsyncClient"),
    "docker.DockerClient": ("** - api close", "aiodocker.Docker"),
    **{
        f"kubernetes.client.{api}": ("*", f"kubernetes_asyncio.client.{api}")
        for api in ("CoreV1Api", "AppsV1Api", "BatchV1Api", "CustomObjectsApi", "NetworkingV1Api")
    },
    "twilio.rest.Client": ("**", "twilio.http.async_http_client.AsyncTwilioHttpClient"),
    "slack_sdk.WebClient": ("*", "slack_sdk.web.async_client.AsyncWebClient"),
    "sendgrid.SendGridAPIClient": ("send", THREAD),
    "github.Github": ("** - close", THREAD),
    "gitlab.Gitlab": ("**", THREAD),
    "jira.JIRA": ("*", THREAD),
    "stripe.StripeClient": (
        "** - construct_event parse_thin_event parse_event_notification",
        "stripe.StripeClient.v1",
    ),
    "razorpay.Client": ("** - utility set_app_details", THREAD),
    "tweepy.API": ("*", "tweepy.asynchronous.AsyncClient"),
    "tweepy.Client": ("*", "tweepy.asynchronous.AsyncClient"),
    "telebot.TeleBot": (
        "send_message send_photo send_document get_me set_webhook",
        "telebot.async_telebot.AsyncTeleBot",
    ),
    "keycloak.KeycloakOpenID": (
        "token userinfo introspect logout refresh_token certs well_known public_key",
        "keycloak.KeycloakOpenID.a_token",
    ),
    "keycloak.KeycloakAdmin": ("*", "keycloak.KeycloakAdmin.a_create_user"),
    "msal.ConfidentialClientApplication": (
        "acquire_token_for_client acquire_token_by_authorization_code acquire_token_on_behalf_of", THREAD,
    ),
    "jwt.PyJWKClient": ("get_signing_key_from_jwt get_signing_key get_jwk_set fetch_data", THREAD),
    "ldap3.Connection": ("bind search add modify delete unbind", THREAD),
    "hvac.Client": ("**", THREAD),
    "zeep.Client": ("**", "zeep.AsyncClient"),
    "web3.Web3": (
        (
            "is_connected ~get_balance ~get_block ~get_transaction ~send_raw_transaction ~call ~transact "
            "~wait_for_transaction_receipt ~get_transaction_count ~get_transaction_receipt ~estimate_gas"
        ),
        "web3.AsyncWeb3",
    ),
    "yfinance.Ticker": ("history", THREAD),
}  # fmt: skip
MADE = {
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
    "firebase_admin.storage.bucket": "google.cloud.storage.Client",
    "firebase_admin.firestore.client": "google.cloud.firestore.Client",
    "googleapiclient.discovery.build": "googleapiclient.discovery.build()",
    "gspread.authorize": "gspread.Client",
    "gspread.service_account": "gspread.Client",
    "supabase.create_client": "supabase.Client",
    "azure.storage.blob.BlobServiceClient.get_blob_client": "azure.storage.blob.BlobClient",
    "azure.storage.blob.BlobServiceClient.get_container_client": "azure.storage.blob.ContainerClient",
    "azure.storage.blob.ContainerClient.get_blob_client": "azure.storage.blob.BlobClient",
    "azure.storage.blob.BlobServiceClient.from_connection_string": "azure.storage.blob.BlobServiceClient",
}
