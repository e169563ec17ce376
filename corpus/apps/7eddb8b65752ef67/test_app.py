import json

from app import call


def test_a_french_phrase_is_glossed(phrasebook):
    assert phrasebook.translate("La lune est belle.") == {"gloss": "the moon is lovely"}


def test_unknown_words_stay_in_brackets(phrasebook):
    assert phrasebook.translate("Der Dackel ist alt") == {
        "gloss": "the [dackel] is old"
    }


def test_english_needs_no_gloss(phrasebook):
    assert phrasebook.translate("The dog is old") == {"gloss": None}


def test_an_unknown_language_is_a_question_for_a_linguist(phrasebook):
    answer = phrasebook.translate("Hyvää huomenta")
    assert answer["ask"] == ["hyvää", "huomenta"]
    assert json.loads(answer["because"])["errorMessage"] == "hyvää huomenta"


def test_a_request_without_a_phrase_fails(phrasebook):
    execution = phrasebook.run(text="La lune")
    assert execution["status"] == "FAILED"
    assert "phrase" in execution["cause"]


def test_each_step_works_alone(functions, outputs):
    clean, detect = outputs["functions"]["clean"], outputs["functions"]["detect"]
    words = call(functions, clean, {"phrase": "Le vin, et l'eau!"})["words"]
    assert words == ["le", "vin", "et", "l", "eau"]
    assert call(functions, detect, {"words": words}) == "fr"
