"""Files, processes, waiting and heavy computing."""

THREAD = "anyio.to_thread.run_sync"
FILE, PATH, UPLOAD = "io.IOBase", "pathlib.Path", "tempfile.SpooledTemporaryFile"


def of(module: str, names: str, twin: str = THREAD) -> dict[str, str]:
    """Several functions of a module with one twin."""
    return {f"{module}.{name}": twin for name in names.split()}


FUNCTIONS = {
    "time.sleep": "asyncio.sleep",
    "input": THREAD,
    "open": "anyio.open_file",
    "io.open": "anyio.open_file",
    "codecs.open": "anyio.open_file",
    "os.system": "asyncio.create_subprocess_shell",
    "os.popen": "asyncio.create_subprocess_shell",
    **of(
        "subprocess", "run call check_call check_output getoutput getstatusoutput Popen", "anyio.run_process"
    ),
    **of("os", "listdir scandir walk remove unlink rename replace rmdir removedirs", "anyio.Path"),
    **of(
        "shutil",
        "copy copy2 copyfile copyfileobj copytree move rmtree make_archive unpack_archive disk_usage",
    ),
    **of("glob", "glob"),
    **of("zipfile", "ZipFile"),
    **of("tarfile", "open"),
    **of("gzip", "open"),
    **of("tempfile", "NamedTemporaryFile TemporaryFile mkstemp mkdtemp TemporaryDirectory"),
    **of(
        "pandas", "read_csv read_excel read_json read_parquet read_pickle read_feather ExcelWriter ExcelFile"
    ),
    **of("polars", "read_csv read_excel read_json read_parquet"),
    **of("numpy", "load loadtxt save savez genfromtxt"),
    **of("openpyxl", "load_workbook"),
    **of("joblib", "load dump"),
    **of("torch", "load save"),
    **of("PIL.Image", "open"),
    **of("cv2", "imread imwrite VideoCapture"),
    **of("imageio", "imread imwrite"),
    **of("soundfile", "read write"),
    **of("librosa", "load"),
    **of("fitz", "open"),
    **of("docx", "Document"),
    **of("pypdf", "PdfReader"),
    **of("PyPDF2", "PdfReader"),
    **of("pdfplumber", "open"),
    **of("pdf2image", "convert_from_path convert_from_bytes"),
    **of("pytesseract", "image_to_string image_to_data"),
    **of("pypandoc", "convert_file convert_text"),
    **of("pdfkit", "from_string from_file from_url"),
    **of("camelot", "read_pdf"),
    **of("docx2txt", "process"),
    **of("textract", "process"),
    **of("unstructured.partition.auto", "partition"),
    **of("pydub.AudioSegment", "from_file from_mp3 from_wav"),
    **of("ffmpeg", "run probe", "anyio.run_process"),
    **of("mutagen", "File"),
    **of("psutil", "cpu_percent"),
    **of("bcrypt", "hashpw checkpw"),
    **of("hashlib", "pbkdf2_hmac scrypt"),
    **of("concurrent.futures", "wait as_completed", "asyncio.wait"),
}
COMPUTING = {  # the processor is busy for some milliseconds, and nothing is waited for; a password takes more
    "PIL.Image.Image", "pytesseract.image_to_string", "pytesseract.image_to_data", "psutil.cpu_percent",
    "tempfile.NamedTemporaryFile", "tempfile.TemporaryFile", "tempfile.mkdtemp", "tempfile.mkstemp",
    "tempfile.TemporaryDirectory", "tempfile.SpooledTemporaryFile.seek",
}  # fmt: skip
OPENERS = {  # what they read or write may be in memory
    "zipfile.ZipFile", "tarfile.open", "gzip.open", "PIL.Image.open", "PIL.Image.Image.save", "fitz.open",
    "docx.Document", "docx.document.Document.save", "pypdf.PdfReader", "PyPDF2.PdfReader", "pdfplumber.open",
    "openpyxl.load_workbook", "openpyxl.Workbook.save", "soundfile.read", "soundfile.write", "librosa.load",
    "numpy.load", "numpy.save", "numpy.savez", "numpy.loadtxt", "joblib.load", "joblib.dump", "torch.load",
    "torch.save", "shutil.copyfileobj", *of("pandas", "read_csv read_excel read_json read_parquet ExcelFile"),
    *of("pandas", "ExcelWriter read_pickle read_feather"),
    *of("pandas.DataFrame", "to_csv to_excel to_parquet"),
    *of("polars", "read_csv read_excel read_json read_parquet"), *of("pandas.DataFrame", "to_json to_pickle"),
}  # fmt: skip
METHODS = {
    FILE: ("read readline readlines write writelines flush", "anyio.AsyncFile"),
    UPLOAD: ("read readline readlines write writelines seek", "fastapi.UploadFile"),
    PATH: (
        "read_text read_bytes write_text write_bytes unlink iterdir open rename replace rmdir glob rglob",
        "anyio.Path",
    ),
    "PIL.Image.Image": ("save", THREAD),
    "pandas.DataFrame": ("to_csv to_excel to_parquet to_json to_sql to_pickle", THREAD),
    "openpyxl.Workbook": ("save", THREAD),
    "docx.document.Document": ("save", THREAD),
    "zipfile.ZipFile": ("extractall extract", THREAD),
    "ffmpeg.input()": ("~run ~run_async", "anyio.run_process"),
    "moviepy.editor.VideoFileClip": ("write_videofile", THREAD),
    "pydub.AudioSegment": ("export", THREAD),
    "gtts.gTTS": ("save write_to_fp", THREAD),
    "speech_recognition.Recognizer": ("recognize_google recognize_whisper record listen", THREAD),
    "markitdown.MarkItDown": ("convert", THREAD),
    "subprocess.Popen": ("wait communicate", "asyncio.subprocess.Process.wait"),
    "passlib.context.CryptContext": ("hash verify verify_and_update encrypt", THREAD),
    "argon2.PasswordHasher": ("hash verify", THREAD),
    "pwdlib.PasswordHash": ("hash verify verify_and_update", THREAD),
    "concurrent.futures.Future": ("result", "asyncio.wrap_future"),
    "threading.Thread": ("join", THREAD),
    "git.Repo": ("clone_from", THREAD),
    "git.repo.base.Repo": ("clone_from", THREAD),
    "weasyprint.HTML": ("write_pdf", THREAD),
}
MADE = {
    "ffmpeg.input": "ffmpeg.input()",
    "open": FILE,
    "io.open": FILE,
    f"{PATH}.open": FILE,
    "tempfile.NamedTemporaryFile": FILE,
    "fastapi.UploadFile.file": UPLOAD,
    "pathlib.Path.parent": PATH,
    "pathlib.Path.parents[]": PATH,
    "pathlib.Path.resolve": PATH,
    "pathlib.Path.absolute": PATH,
    "pathlib.Path.expanduser": PATH,
    "pathlib.Path.joinpath": PATH,
    "pathlib.Path.with_suffix": PATH,
    "pathlib.Path.with_name": PATH,
    "pathlib.Path.cwd": PATH,
    "pathlib.Path.home": PATH,
    "PIL.Image.open": "PIL.Image.Image",
    "PIL.Image.new": "PIL.Image.Image",
    "PIL.Image.Image.*": "PIL.Image.Image",
    "docx.Document": "docx.document.Document",
    "pandas.read_csv": "pandas.DataFrame",
    "pandas.read_excel": "pandas.DataFrame",
    "concurrent.futures.ThreadPoolExecutor.submit": "concurrent.futures.Future",
    "concurrent.futures.ProcessPoolExecutor.submit": "concurrent.futures.Future",
    "asyncio.run_coroutine_threadsafe": "concurrent.futures.Future",
    "gtts.gTTS": "gtts.gTTS",
    "pwdlib.PasswordHash.recommended": "pwdlib.PasswordHash",
}
