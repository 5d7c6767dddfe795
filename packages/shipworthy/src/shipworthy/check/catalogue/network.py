"""HTTP, mail, cloud and other services."""

VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
CLIENT, THREAD = "httpx.AsyncClient", "anyio.to_thread.run_sync"

FUNCTIONS = {
    **{
        f"{library}.{verb}": f"{CLIENT}.{verb}"
        for library in ("requests", "httpx", "cloudscraper", "curl_cffi.requests")
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
    "feedparser.parse": f"{CLIENT}.get",
    "whois.whois": THREAD,
    "pika.BlockingConnection": "aio_pika.connect_robust",
    "dns.resolver.resolve": "dns.asyncresolver.resolve",
    "dns.resolver.query": "dns.asyncresolver.resolve",
    "wikipedia.summary": THREAD,
    "wikipedia.page": THREAD,
    "paho.mqtt.publish.single": "aiomqtt.Client.publish",
}
METHODS = {
    "requests.Session": (f"{' '.join(VERBS)} send", CLIENT),
    "httpx.Client": (f"{' '.join(VERBS)} send stream", CLIENT),
    "curl_cffi.requests.Session": (" ".join(VERBS), "curl_cffi.requests.AsyncSession"),
    "tls_client.Session": (" ".join(VERBS), CLIENT),
    "requests_html.HTMLSession": (" ".join(VERBS), CLIENT),
    "httplib2.Http": ("request", f"{CLIENT}.request"),
    "pycurl.Curl": ("perform", f"{CLIENT}.request"),
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
    "emails.Message": ("send", "aiosmtplib.send"),
    "youtube_transcript_api.YouTubeTranscriptApi": ("get_transcript list_transcripts fetch list", THREAD),
    "yt_dlp.YoutubeDL": ("extract_info download", THREAD),
    "duckduckgo_search.DDGS": ("text news images", THREAD),
    "deep_translator.GoogleTranslator": ("translate translate_batch", THREAD),
    "geopy.geocoders.Nominatim": ("geocode reverse", THREAD),
    "kafka.KafkaProducer": ("flush", "aiokafka.AIOKafkaProducer"),
    "requests_oauthlib.OAuth2Session": ("get post fetch_token refresh_token", CLIENT),
    "authlib.integrations.requests_client.OAuth2Session": ("get post fetch_token refresh_token", CLIENT),
}
MADE = {
    "requests.session": "requests.Session",
    "cloudscraper.create_scraper": "requests.Session",
    "paramiko.SSHClient.open_sftp": "paramiko.SFTPClient",
    "fastapi_versioning.VersionedFastAPI": "fastapi.FastAPI",
}
