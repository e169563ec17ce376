# AWS Config records a pharmacy's resources into an encrypted bucket, tells a topic about changes and checks them with managed rules that take parameters.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  name    = "pharmacy-config"
  account = data.aws_caller_identity.current.account_id

  # Managed rules by name, with their parameters and the types they look at.
  rules = {
    encrypted-volumes = {
      identifier = "ENCRYPTED_VOLUMES"
      parameters = {}
      types      = ["AWS::EC2::Volume"]
    }
    bucket-versioning = {
      identifier = "S3_BUCKET_VERSIONING_ENABLED"
      parameters = {}
      types      = ["AWS::S3::Bucket"]
    }
    password-policy = {
      identifier = "IAM_PASSWORD_POLICY"
      parameters = { MinimumPasswordLength = tostring(var.password_length), RequireNumbers = "true" }
      types      = []
    }
    tagged = {
      identifier = "REQUIRED_TAGS"
      parameters = { for n, key in var.required_tags : "tag${n + 1}Key" => key }
      types      = ["AWS::S3::Bucket", "AWS::EC2::Instance"]
    }
  }

  tags = {
    Project = "pharmacy"
    Owner   = var.owner
  }
}

resource "aws_s3_bucket" "history" {
  bucket        = "${local.name}-${local.account}"
  force_destroy = true
  tags          = local.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "history" {
  bucket = aws_s3_bucket.history.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "history" {
  bucket = aws_s3_bucket.history.id

  policy = templatefile("${path.module}/templates/history-policy.json.tpl", {
    bucket_arn = aws_s3_bucket.history.arn
    prefix     = var.prefix
    account    = local.account
  })

  depends_on = [aws_s3_bucket_public_access_block.history]
}

resource "aws_sns_topic" "changes" {
  name = "${local.name}-changes"
  tags = local.tags
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["config.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "recorder" {
  statement {
    sid       = "Deliver"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.history.arn}/${var.prefix}/AWSLogs/${local.account}/*"]
  }

  statement {
    sid       = "LookAtBucket"
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.history.arn]
  }

  statement {
    sid       = "Notify"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.changes.arn]
  }
}

resource "aws_iam_role" "recorder" {
  name               = local.name
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "recorder" {
  name   = "deliver"
  role   = aws_iam_role.recorder.id
  policy = data.aws_iam_policy_document.recorder.json
}

resource "aws_config_configuration_recorder" "this" {
  name     = local.name
  role_arn = aws_iam_role.recorder.arn

  recording_group {
    all_supported                 = false
    include_global_resource_types = false
    resource_types                = var.resource_types
  }
}

resource "aws_config_delivery_channel" "this" {
  name           = local.name
  s3_bucket_name = aws_s3_bucket.history.id
  s3_key_prefix  = var.prefix
  sns_topic_arn  = aws_sns_topic.changes.arn

  snapshot_delivery_properties {
    delivery_frequency = var.frequency
  }

  depends_on = [aws_config_configuration_recorder.this, aws_s3_bucket_policy.history]
}

# A recorder can only be started once it has somewhere to deliver to.

resource "aws_config_configuration_recorder_status" "this" {
  name       = aws_config_configuration_recorder.this.name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_config_rule" "this" {
  for_each = local.rules

  name             = "pharmacy-${each.key}"
  description      = "Managed rule ${each.value.identifier}"
  input_parameters = length(each.value.parameters) > 0 ? jsonencode(each.value.parameters) : null
  tags             = local.tags

  source {
    owner             = "AWS"
    source_identifier = each.value.identifier
  }

  dynamic "scope" {
    for_each = length(each.value.types) > 0 ? [each.value.types] : []

    content {
      compliance_resource_types = scope.value
    }
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_configuration_aggregator" "this" {
  name = local.name
  tags = local.tags

  account_aggregation_source {
    account_ids = [local.account]
    regions     = [data.aws_region.current.name]
  }
}
