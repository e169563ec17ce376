# Radar sightings of migrating birds wait in an encrypted Kinesis stream, from which a forwarder sorts them by flyway into Firehose delivery streams and so into a lake in S3.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "bird-radar"

  # Species that belong to no flyway still get a delivery stream.
  layers = merge({ for flyway, species in var.flyways : flyway => var.keep_days }, { strays = var.keep_strays_days })
}

resource "aws_kms_key" "sightings" {
  description             = "Sightings on their way to the lake"
  deletion_window_in_days = 7
  tags                    = var.tags
}

resource "aws_kinesis_stream" "sightings" {
  name             = "${local.name}-sightings"
  shard_count      = 2
  retention_period = 24
  encryption_type  = "KMS"
  kms_key_id       = aws_kms_key.sightings.arn
  tags             = var.tags
}

resource "aws_s3_bucket" "lake" {
  bucket        = "${var.bucket_prefix}-lake"
  force_destroy = true
  tags          = var.tags

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = local.layers

    content {
      id      = lifecycle_rule.key
      enabled = true
      prefix  = "${lifecycle_rule.key}/"

      expiration {
        days = lifecycle_rule.value
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "lake" {
  bucket = aws_s3_bucket.lake.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_cloudwatch_log_group" "delivery" {
  name              = "/aws/kinesisfirehose/${local.name}"
  retention_in_days = 14
  tags              = var.tags
}

resource "aws_cloudwatch_log_stream" "delivery" {
  for_each = local.layers

  name           = each.key
  log_group_name = aws_cloudwatch_log_group.delivery.name
}

# The delivery streams write to the lake and log what goes wrong.

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "deliver" {
  statement {
    sid       = "Write"
    actions   = ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:ListBucket", "s3:PutObject"]
    resources = [aws_s3_bucket.lake.arn, "${aws_s3_bucket.lake.arn}/*"]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.delivery.arn}:log-stream:*"]
  }
}

resource "aws_iam_role" "delivery" {
  name               = "${local.name}-delivery"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "deliver" {
  name   = "deliver"
  role   = aws_iam_role.delivery.id
  policy = data.aws_iam_policy_document.deliver.json
}

resource "aws_kinesis_firehose_delivery_stream" "layer" {
  for_each = local.layers

  name        = "${local.name}-${each.key}"
  destination = "extended_s3"
  tags        = merge(var.tags, { Layer = each.key })

  extended_s3_configuration {
    role_arn            = aws_iam_role.delivery.arn
    bucket_arn          = aws_s3_bucket.lake.arn
    prefix              = "${each.key}/"
    error_output_prefix = "errors/${each.key}/"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery.name
      log_stream_name = aws_cloudwatch_log_stream.delivery[each.key].name
    }
  }

  # The role's policy is not referred to, yet nothing arrives without it.
  depends_on = [aws_iam_role_policy.deliver]
}

# The forwarder looks up where each species goes, and may do nothing but read and forward.

resource "aws_ssm_parameter" "routes" {
  name = "/${local.name}/routes"
  type = "String"
  tags = var.tags

  value = jsonencode({
    species = merge([
      for flyway, species in var.flyways : {
        for name in species : name => aws_kinesis_firehose_delivery_stream.layer[flyway].name
      }
    ]...)
    otherwise = aws_kinesis_firehose_delivery_stream.layer["strays"].name
  })
}

data "aws_iam_policy_document" "forward" {
  statement {
    sid       = "Read"
    actions   = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"]
    resources = [aws_kinesis_stream.sightings.arn]
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.sightings.arn]
  }

  statement {
    sid       = "Forward"
    actions   = ["firehose:PutRecordBatch"]
    resources = [for stream in aws_kinesis_firehose_delivery_stream.layer : stream.arn]
  }

  statement {
    sid       = "LookUp"
    actions   = ["ssm:GetParameter"]
    resources = [aws_ssm_parameter.routes.arn]
  }
}

data "aws_iam_policy_document" "forwarder" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "forwarder" {
  name               = "${local.name}-forwarder"
  assume_role_policy = data.aws_iam_policy_document.forwarder.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "forward" {
  name   = "forward"
  role   = aws_iam_role.forwarder.id
  policy = data.aws_iam_policy_document.forward.json
}
