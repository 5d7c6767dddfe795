"""Language models, other models, and what keeps their vectors."""

THREAD = "anyio.to_thread.run_sync"
RUNNABLES = (
    "invoke batch stream run predict predict_messages apply similarity_search get_relevant_documents "
    "similarity_search_with_score similarity_search_with_relevance_scores max_marginal_relevance_search "
    "add_documents add_texts from_documents from_texts embed_query embed_documents load load_and_split"
)
OPENAI = (
    "chat.completions.create completions.create embeddings.create images.generate responses.create "
    "moderations.create audio.transcriptions.create audio.speech.create ChatCompletion.create "
    "Completion.create Embedding.create Image.create"
)


def of(module: str, names: str, twin: str = THREAD) -> dict[str, str]:
    """Several functions of a module with one twin."""
    return {f"{module}.{name}": twin for name in names.split()}


FAMILIES = {  # the first name of a path: the methods of its classes that block, however they are made;
    # `a*` is what asynchronous ones are called
    **dict.fromkeys(
        (
            "langchain", "langchain_core", "langchain_community", "langchain_openai", "langchain_anthropic",
            "langchain_google_genai", "langchain_google_vertexai", "langchain_groq", "langchain_ollama",
            "langchain_huggingface", "langchain_chroma", "langchain_pinecone", "langchain_qdrant",
            "langchain_postgres", "langchain_classic", "langchain_milvus", "langchain_mistralai",
            "langchain_aws", "langchain_cohere", "langchain_experimental", "langgraph",
        ),
        (RUNNABLES, "a*"),
    ),
    "llama_index": ("query chat stream_chat complete retrieve from_documents load_data", "a*"),
    "transformers": ("generate", THREAD),
}  # fmt: skip
FUNCTIONS = {
    **of("openai", OPENAI, "openai.AsyncOpenAI"),
    **of("litellm", "completion text_completion", "litellm.acompletion"),
    "litellm.embedding": "litellm.aembedding",
    "replicate.run": "replicate.async_run",
    **{
        f"ollama.{name}": f"ollama.AsyncClient.{name}"
        for name in ("chat", "generate", "embed", "embeddings", "list", "pull")
    },
    "google.generativeai.embed_content": "google.generativeai.embed_content_async",
    "google.generativeai.upload_file": THREAD,
    **of("huggingface_hub", "hf_hub_download snapshot_download"),
    **of("transformers", "pipeline pipeline()"),
    **{
        f"transformers.{each}.from_pretrained": THREAD
        for each in ("AutoModel", "AutoModelForCausalLM", "AutoTokenizer", "AutoProcessor", "BertModel")
    },
    **of("sentence_transformers", "SentenceTransformer CrossEncoder"),
    **of("whisper", "load_model transcribe"),
    **of("faster_whisper", "WhisperModel"),
    **of("ultralytics", "YOLO"),
    **of("easyocr", "Reader"),
    **of("tensorflow.keras.models", "load_model"),
    **of("keras.models", "load_model"),
    **of("deepface.DeepFace", "represent verify analyze find extract_faces"),
    **of("face_recognition", "face_encodings face_locations load_image_file"),
    **of("spacy", "load"),
    **of("faiss", "read_index write_index"),
    "weaviate.connect_to_local": "weaviate.use_async_with_local",
}  # fmt: skip
METHODS = {
    "openai.OpenAI": ("** - with_options copy with_raw_response close", "openai.AsyncOpenAI"),
    "openai.AzureOpenAI": ("** - with_options copy with_raw_response close", "openai.AsyncAzureOpenAI"),
    "anthropic.Anthropic": ("** - with_options copy close", "anthropic.AsyncAnthropic"),
    "groq.Groq": ("** - close", "groq.AsyncGroq"),
    "together.Together": ("**", "together.AsyncTogether"),
    "mistralai.Mistral": ("**", "mistralai.Mistral.chat.complete_async"),
    "cohere.Client": ("chat embed generate rerank classify", "cohere.AsyncClient"),
    "cohere.ClientV2": ("chat embed rerank", "cohere.AsyncClientV2"),
    "voyageai.Client": ("embed rerank", "voyageai.AsyncClient"),
    "ollama.Client": ("*", "ollama.AsyncClient"),
    "google.generativeai.GenerativeModel": (
        "generate_content count_tokens ~send_message",
        "google.generativeai.GenerativeModel.generate_content_async",
    ),
    "vertexai.generative_models.GenerativeModel": (
        "generate_content count_tokens ~send_message",
        "vertexai.generative_models.GenerativeModel.generate_content_async",
    ),
    "google.genai.Client": ("** - aio close", "google.genai.Client.aio"),
    "huggingface_hub.InferenceClient": ("*", "huggingface_hub.AsyncInferenceClient"),
    "elevenlabs.client.ElevenLabs": ("**", "elevenlabs.client.AsyncElevenLabs"),
    "elevenlabs.ElevenLabs": ("**", "elevenlabs.AsyncElevenLabs"),
    "assemblyai.Transcriber": ("transcribe", "assemblyai.Transcriber.transcribe_async"),
    "tavily.TavilyClient": ("*", "tavily.AsyncTavilyClient"),
    "sentence_transformers.SentenceTransformer": ("encode encode_query encode_document", THREAD),
    "sentence_transformers.CrossEncoder": ("predict rank", THREAD),
    "whisper.load_model()": ("transcribe", THREAD),
    "faster_whisper.WhisperModel": ("transcribe", THREAD),
    "ultralytics.YOLO": ("predict track", THREAD),
    "easyocr.Reader": ("readtext", THREAD),
    "tensorflow.keras.models.load_model()": ("predict", THREAD),
    "keras.models.load_model()": ("predict", THREAD),
    "onnxruntime.InferenceSession": ("run", THREAD),
    "joblib.load()": ("predict predict_proba transform", THREAD),
    "pickle.load()": ("predict predict_proba transform", THREAD),
    "qdrant_client.QdrantClient": ("* - close", "qdrant_client.AsyncQdrantClient"),
    "chromadb.Client": (
        (
            "get_or_create_collection get_collection list_collections create_collection "
            "delete_collection heartbeat"
        ),
        "chromadb.AsyncHttpClient",
    ),
    "chromadb.Collection": ("*", "chromadb.AsyncHttpClient"),
    "pinecone.Pinecone": (
        (
            "list_indexes create_index delete_index describe_index ~query ~upsert ~fetch ~delete ~update "
            "~describe_index_stats ~embed"
        ),
        "pinecone.PineconeAsyncio",
    ),
    "pymilvus.MilvusClient": ("* - close", "pymilvus.AsyncMilvusClient"),
    "pymilvus.Collection": (
        "search query insert upsert delete flush load create_index",
        "pymilvus.AsyncMilvusClient",
    ),
    "weaviate.WeaviateClient": (
        (
            "~insert ~insert_many ~near_text ~near_vector ~hybrid ~bm25 ~fetch_objects ~delete_by_id "
            "~delete_many"
        ),
        "weaviate.WeaviateAsyncClient",
    ),
    "mem0.Memory": ("add search get get_all update delete delete_all history", "mem0.AsyncMemory"),
}  # fmt: skip
COMPUTING = {"onnxruntime.InferenceSession", "joblib.load()", "pickle.load()"}
MADE = {
    "chromadb.PersistentClient": "chromadb.Client",
    "chromadb.HttpClient": "chromadb.Client",
    "chromadb.Client.get_collection": "chromadb.Collection",
    "chromadb.Client.get_or_create_collection": "chromadb.Collection",
    "chromadb.Client.create_collection": "chromadb.Collection",
    "langchain_chroma.Chroma._collection": "chromadb.Collection",
    "langchain_community.vectorstores.Chroma._collection": "chromadb.Collection",
    "weaviate.connect_to_local": "weaviate.WeaviateClient",
    "weaviate.connect_to_weaviate_cloud": "weaviate.WeaviateClient",
    "tensorflow.keras.models.load_model": "tensorflow.keras.models.load_model()",
    "keras.models.load_model": "keras.models.load_model()",
    "joblib.load": "joblib.load()",
    "pickle.load": "pickle.load()",
    "mem0.Memory.from_config": "mem0.Memory",
}
