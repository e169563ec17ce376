from uuid import uuid4


def test_an_uploaded_note_appears_in_the_index(notes):
    key = f"inbox/{uuid4()}.md"
    notes.upload(key, "# On kettles\n\nThey whistle. #tea #kitchen #tea\n")
    entry = notes.entry(key)
    assert entry["title"] == "On kettles"
    assert entry["tags"] == ["kitchen", "tea"]
    assert entry["words"] == 7


def test_a_new_version_of_a_note_replaces_its_entry(notes):
    key = f"inbox/{uuid4()}.md"
    notes.upload(key, "# First thoughts\n")
    assert notes.entry(key)["title"] == "First thoughts"
    notes.remove(key)
    assert notes.forgotten(key)
    notes.upload(key, "no heading, only words")
    assert notes.entry(key)["title"] == "(untitled)"


def test_a_removed_note_is_forgotten(notes):
    key = f"inbox/{uuid4()}.md"
    notes.upload(key, "# Short-lived\n")
    assert notes.entry(key) is not None
    notes.remove(key)
    assert notes.forgotten(key)


def test_a_key_with_spaces_and_accents_is_indexed_under_its_name(notes):
    key = f"inbox/{uuid4()} café notes.md"
    notes.upload(key, "# Café\n")
    assert notes.entry(key)["title"] == "Café"


def test_other_files_are_not_indexed(notes):
    name = uuid4()
    notes.upload(f"inbox/{name}.txt", "# Plain text\n")
    notes.upload(f"drafts/{name}.md", "# A draft\n")
    notes.upload(f"inbox/{name}.md", "# A note\n")
    assert notes.entry(f"inbox/{name}.md")["title"] == "A note"
    assert notes.entry(f"inbox/{name}.txt", seconds=1) is None
    assert notes.entry(f"drafts/{name}.md", seconds=1) is None


def test_the_bucket_calls_the_indexer_for_notes_only(s3, outputs):
    configuration = s3.get_bucket_notification_configuration(Bucket=outputs["bucket"])
    [notification] = configuration["LambdaFunctionConfigurations"]
    assert notification["LambdaFunctionArn"].endswith(":" + outputs["function_name"])
    rules = notification["Filter"]["Key"]["FilterRules"]
    found = {rule["Name"].lower(): rule["Value"] for rule in rules}
    assert found == {"prefix": "inbox/", "suffix": ".md"}
