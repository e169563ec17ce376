# Suppliers of an orchestra drop files by SFTP: a Transfer server with one user, home folder, key and scoped role per supplier, and a bucket that tells a queue what arrived.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "orchestra-dropoff"

  # Every key of every supplier, as an SSH key belongs to one user.
  keys = merge([
    for supplier, about in var.suppliers : {
      for number, key in about.keys : "${supplier}-${number}" => { supplier = supplier, key = key }
    }
  ]...)
}

resource "aws_s3_bucket" "dropped" {
  bucket        = "${local.name}-${data.aws_caller_identity.current.account_id}"
  force_destroy = true

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = var.suppliers

    content {
      id      = lifecycle_rule.key
      prefix  = "${lifecycle_rule.key}/"
      enabled = true

      expiration {
        days = lifecycle_rule.value.days
      }
    }
  }
}

resource "aws_sqs_queue" "arrivals" {
  name = "${local.name}-arrivals"
}

data "aws_iam_policy_document" "arrivals" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.arrivals.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.dropped.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "arrivals" {
  queue_url = aws_sqs_queue.arrivals.id
  policy    = data.aws_iam_policy_document.arrivals.json
}

resource "aws_s3_bucket_notification" "dropped" {
  bucket     = aws_s3_bucket.dropped.id
  depends_on = [aws_sqs_queue_policy.arrivals]

  dynamic "queue" {
    for_each = var.suppliers

    content {
      id            = queue.key
      queue_arn     = aws_sqs_queue.arrivals.arn
      events        = ["s3:ObjectCreated:Put"]
      filter_prefix = "${queue.key}/"
    }
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["transfer.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "supplier" {
  for_each = var.suppliers

  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "supplier" {
  for_each = var.suppliers

  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.dropped.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${each.key}/*", each.key]
    }
  }

  statement {
    actions   = each.value.may_delete ? ["s3:PutObject", "s3:DeleteObject"] : ["s3:PutObject"]
    resources = ["${aws_s3_bucket.dropped.arn}/${each.key}/*"]
  }
}

resource "aws_iam_role_policy" "supplier" {
  for_each = var.suppliers

  name   = "own-folder"
  role   = aws_iam_role.supplier[each.key].id
  policy = data.aws_iam_policy_document.supplier[each.key].json
}

resource "aws_transfer_server" "dropoff" {
  identity_provider_type = "SERVICE_MANAGED"
  endpoint_type          = "PUBLIC"
  protocols              = ["SFTP"]

  tags = {
    Name = local.name
  }
}

resource "aws_transfer_user" "supplier" {
  for_each = var.suppliers

  server_id           = aws_transfer_server.dropoff.id
  user_name           = each.key
  role                = aws_iam_role.supplier[each.key].arn
  home_directory_type = "LOGICAL"

  home_directory_mappings {
    entry  = "/"
    target = "/${aws_s3_bucket.dropped.id}/${each.key}"
  }
}

resource "aws_transfer_ssh_key" "supplier" {
  for_each = local.keys

  server_id = aws_transfer_server.dropoff.id
  user_name = aws_transfer_user.supplier[each.value.supplier].user_name
  body      = each.value.key
}
