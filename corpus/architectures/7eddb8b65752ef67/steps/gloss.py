"""Word for word into English, unknown words in brackets."""

WORDS = {
    "de": {"der": "the", "die": "the", "hund": "dog", "ist": "is", "alt": "old"},
    "fr": {"le": "the", "la": "the", "lune": "moon", "est": "is", "belle": "lovely"},
}


def handler(event, context):
    known = WORDS[event["language"]]
    return {"gloss": " ".join(known.get(word, f"[{word}]") for word in event["words"])}
