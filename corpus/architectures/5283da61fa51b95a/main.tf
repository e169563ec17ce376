# A fish market's data lake: zones in one bucket, a Glue catalog with partitioned tables and a crawler, and Athena workgroups with saved queries.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name   = "fish-market"
  bucket = "${local.name}-lake-${data.aws_caller_identity.current.account_id}"

  tables = {
    landings = {
      columns    = { boat = "string", species = "string", kilos = "double" }
      partitions = ["year", "month"]
      format     = "parquet"
    }

    auctions = {
      columns    = { lot = "bigint", species = "string", euros = "decimal(10,2)" }
      partitions = ["day"]
      format     = "json"
    }
  }

  formats = {
    parquet = {
      input  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
      output = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
      serde  = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    json = {
      input  = "org.apache.hadoop.mapred.TextInputFormat"
      output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
      serde  = "org.openx.data.jsonserde.JsonSerDe"
    }
  }
}

resource "aws_s3_bucket" "lake" {
  bucket        = local.bucket
  force_destroy = true
  tags          = var.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  lifecycle_rule {
    id      = "query-results"
    enabled = true
    prefix  = "results/"

    expiration {
      days = 14
    }
  }
}

resource "aws_glue_catalog_database" "market" {
  name        = replace(local.name, "-", "_")
  description = "What was landed, and what it fetched"
}

resource "aws_glue_catalog_table" "this" {
  for_each = local.tables

  name          = each.key
  database_name = aws_glue_catalog_database.market.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL       = "TRUE"
    classification = each.value.format
  }

  dynamic "partition_keys" {
    for_each = each.value.partitions

    content {
      name = partition_keys.value
      type = "string"
    }
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.lake.id}/refined/${each.key}/"
    input_format  = local.formats[each.value.format].input
    output_format = local.formats[each.value.format].output

    ser_de_info {
      name                  = each.value.format
      serialization_library = local.formats[each.value.format].serde

      parameters = {
        "serialization.format" = "1"
      }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name = columns.key
        type = columns.value
      }
    }
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "crawler" {
  name               = "${local.name}-crawler"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

data "aws_iam_policy_document" "crawler" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.lake.arn}/raw/*"]
  }

  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.lake.arn]
  }

  statement {
    actions   = ["glue:*Table", "glue:*Partition", "glue:GetDatabase"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "crawler" {
  name   = "read-raw"
  role   = aws_iam_role.crawler.id
  policy = data.aws_iam_policy_document.crawler.json
}

resource "aws_glue_crawler" "raw" {
  name          = "${local.name}-raw"
  database_name = aws_glue_catalog_database.market.name
  role          = aws_iam_role.crawler.arn
  table_prefix  = "raw_"
  schedule      = "cron(15 4 * * ? *)"

  dynamic "s3_target" {
    for_each = local.tables

    content {
      path = "s3://${aws_s3_bucket.lake.id}/raw/${s3_target.key}/"
    }
  }
}

resource "aws_athena_workgroup" "this" {
  for_each = var.workgroups

  name          = "${local.name}-${each.key}"
  description   = "Queries of the ${each.key}"
  force_destroy = true
  tags          = var.tags

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = false
    bytes_scanned_cutoff_per_query     = each.value * 1048576

    result_configuration {
      output_location = "s3://${aws_s3_bucket.lake.id}/results/${each.key}/"
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = fileset("${path.module}/queries", "*.sql")

  name      = trimsuffix(each.value, ".sql")
  workgroup = aws_athena_workgroup.this["auditors"].id
  database  = aws_glue_catalog_database.market.name

  query = templatefile("${path.module}/queries/${each.value}", {
    quota = var.quota_kilos
  })
}
