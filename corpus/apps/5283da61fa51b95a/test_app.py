from uuid import uuid4

import pytest
from botocore.exceptions import ClientError


def test_what_was_auctioned_on_a_day_is_found_by_the_catalog(lake):
    day = str(uuid4())
    rows = [{"lot": 1, "species": "hake", "euros": 71.5}]
    location = lake.add("auctions", [day], rows)
    assert location.endswith(f"/refined/auctions/day={day}/")
    assert lake.rows("auctions", [day]) == rows


def test_landings_are_kept_by_year_and_month(lake):
    year = str(uuid4())
    lake.add("landings", [year, "01"], [{"boat": "Marie", "kilos": 10}])
    lake.add("landings", [year, "02"], [{"boat": "Marie", "kilos": 20}])
    mine = sorted(values for values in lake.partitions("landings") if values[0] == year)
    assert mine == [(year, "01"), (year, "02")]
    assert lake.rows("landings", [year, "02"])[0]["kilos"] == 20


def test_a_day_is_catalogued_once(lake):
    day = str(uuid4())
    lake.add("auctions", [day], [])
    with pytest.raises(ClientError, match="AlreadyExists"):
        lake.add("auctions", [day], [])


def test_partition_keys_are_not_columns_too(lake, outputs):
    for name, keys in outputs["tables"].items():
        table = lake.table(name)
        columns = {c["Name"] for c in table["StorageDescriptor"]["Columns"]}
        assert [key["Name"] for key in table["PartitionKeys"]] == keys
        assert "species" in columns
        assert not columns & set(keys)


def test_each_workgroup_has_its_own_results_and_limit(athena, outputs):
    limits = {}
    for key, name in outputs["workgroups"].items():
        group = athena.get_work_group(WorkGroup=name)["WorkGroup"]
        settings = group["Configuration"]
        place = settings["ResultConfiguration"]["OutputLocation"]
        assert place == f"s3://{outputs['bucket']}/results/{key}/"
        limits[key] = settings["BytesScannedCutoffPerQuery"] // 1048576
    assert limits == {"auditors": 500, "public": 10}


def test_the_saved_query_knows_the_quota(athena, outputs):
    reply = athena.get_named_query(NamedQueryId=outputs["query_ids"]["over_quota"])
    query = reply["NamedQuery"]
    assert query["Database"] == outputs["database"]
    assert "HAVING sum(kilos) > 2500" in query["QueryString"]


def test_the_crawler_watches_the_raw_zone_of_every_table(glue, outputs):
    crawler = glue.get_crawler(Name=outputs["crawler"])["Crawler"]
    paths = {target["Path"] for target in crawler["Targets"]["S3Targets"]}
    raw = f"s3://{outputs['bucket']}/raw/"
    assert paths == {f"{raw}{name}/" for name in outputs["tables"]}
