import pytest
from botocore.exceptions import ClientError


def test_the_front_page_links_every_room(site):
    status, key, body = site.visit("/")
    assert (status, key) == (200, "index.html")
    for room in ("minerals", "whales", "clocks"):
        assert f'href="rooms/{room}/"' in body


def test_a_room_has_a_page_of_its_own(site):
    status, key, body = site.visit("/rooms/whales/")
    assert (status, key) == (200, "rooms/whales/index.html")
    assert "<h1>The hall of whales</h1>" in body


def test_old_links_to_exhibits_lead_to_the_rooms(site):
    assert site.visit("/exhibits/clocks/") == site.visit("/rooms/clocks/")


def test_a_page_that_does_not_exist_shows_the_error_page(site):
    status, key, body = site.visit("/rooms/dragons/")
    assert (status, key) == (404, "missing.html")
    assert "not on display" in body


def test_files_are_served_with_their_type(s3, outputs):
    bucket = outputs["site_bucket"]
    types = {
        key: s3.head_object(Bucket=bucket, Key=key)["ContentType"]
        for key in outputs["pages"] + outputs["assets"]
    }
    assert types["index.html"] == "text/html; charset=utf-8"
    assert types["style.css"] == "text/css"
    assert types["img/logo.svg"] == "image/svg+xml"


def test_anybody_may_read_the_site(visitor, outputs):
    page = visitor.get_object(Bucket=outputs["site_bucket"], Key="index.html")
    assert b"Harbour Museum" in page["Body"].read()


def test_access_is_logged_to_the_private_bucket(s3, outputs):
    logging = s3.get_bucket_logging(Bucket=outputs["site_bucket"])["LoggingEnabled"]
    assert logging["TargetBucket"] == outputs["logs_bucket"]
    assert logging["TargetPrefix"] == "access/"
    block = s3.get_public_access_block(Bucket=outputs["logs_bucket"])
    assert all(block["PublicAccessBlockConfiguration"].values())


def test_the_logs_bucket_has_no_website(s3, outputs):
    with pytest.raises(ClientError, match="NoSuchWebsiteConfiguration"):
        s3.get_bucket_website(Bucket=outputs["logs_bucket"])
