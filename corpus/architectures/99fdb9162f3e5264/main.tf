provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "parcel-events-${var.environment}"

  # Which kinds of event each department wants to see; an empty list means all of them.
  consumers = {
    billing    = { events = ["accepted", "returned"], retention_days = 4 }
    dispatch   = { events = ["accepted"], retention_days = 1 }
    complaints = { events = ["returned", "damaged"], retention_days = 7 }
    audit      = { events = [], retention_days = 14 }
  }

  tags = {
    Application = "parcels"
    Environment = var.environment
    ManagedBy   = "terraform"
  }
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Owner"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "TopicMayEncryptForQueues"
    actions   = ["kms:GenerateDataKey*", "kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "events" {
  description             = "Parcel events at rest"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = local.tags
}

resource "aws_kms_alias" "events" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.events.key_id
}

resource "aws_sns_topic" "events" {
  name              = local.name
  display_name      = "Parcel events"
  kms_master_key_id = aws_kms_key.events.arn
  tags              = local.tags
}

module "consumer" {
  source   = "./modules/consumer"
  for_each = local.consumers

  name              = "${local.name}-${each.key}"
  topic_arn         = aws_sns_topic.events.arn
  events            = each.value.events
  retention_seconds = each.value.retention_days * 86400
  max_receive_count = var.max_receive_count
  kms_key_arn       = aws_kms_key.events.arn
  tags              = merge(local.tags, { Department = each.key })
}
