# A notary's vault: a versioned bucket of deeds under its own KMS key, replicated by priority to a copy under another key, where every object is locked for a while.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  root    = "arn:aws:iam::${local.account}:root"

  buckets = {
    for role in ["vault", "copy"] : role => "${var.prefix}-${role}-${local.account}"
  }

  # Earlier rules give way to those with a greater number.
  replicated = {
    deeds = { prefix = "deeds/", priority = 10, storage_class = "STANDARD" }
    seals = { prefix = "seals/", priority = 20, storage_class = "STANDARD_IA" }
  }
}

# One key for each bucket, so that losing one does not lose both.

data "aws_iam_policy_document" "key" {
  for_each = local.buckets

  statement {
    sid       = "Owner"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }

  statement {
    sid       = "Replication"
    actions   = each.key == "vault" ? ["kms:Decrypt"] : ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.replication.arn]
    }
  }
}

resource "aws_kms_key" "this" {
  for_each = local.buckets

  description             = "Notary, ${each.key}"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  policy                  = data.aws_iam_policy_document.key[each.key].json
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  for_each = local.buckets

  name          = "alias/${var.prefix}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

resource "aws_s3_bucket" "copy" {
  bucket        = local.buckets["copy"]
  force_destroy = true
  tags          = var.tags

  versioning {
    enabled = true
  }

  object_lock_configuration {
    object_lock_enabled = "Enabled"

    rule {
      default_retention {
        mode = "GOVERNANCE"
        days = var.lock_days
      }
    }
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = aws_kms_key.this["copy"].arn
      }
    }
  }
}

resource "aws_s3_bucket" "vault" {
  bucket        = local.buckets["vault"]
  force_destroy = true
  tags          = var.tags

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = aws_kms_key.this["vault"].arn
      }
    }
  }

  lifecycle_rule {
    id      = "drafts"
    enabled = true
    prefix  = "drafts/"

    expiration {
      days = var.draft_days
    }

    noncurrent_version_expiration {
      days = 7
    }
  }

  lifecycle_rule {
    id      = "old-deeds"
    enabled = true
    prefix  = "deeds/"

    noncurrent_version_transition {
      days          = 90
      storage_class = "GLACIER"
    }
  }

  replication_configuration {
    role = aws_iam_role.replication.arn

    dynamic "rules" {
      for_each = local.replicated

      content {
        id       = rules.key
        priority = rules.value.priority
        status   = "Enabled"

        filter {
          prefix = rules.value.prefix
        }

        source_selection_criteria {
          sse_kms_encrypted_objects {
            enabled = true
          }
        }

        destination {
          bucket             = aws_s3_bucket.copy.arn
          storage_class      = rules.value.storage_class
          replica_kms_key_id = aws_kms_key.this["copy"].arn
        }
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = { vault = aws_s3_bucket.vault.id, copy = aws_s3_bucket.copy.id }

  bucket = each.value

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "replication" {
  name               = "${var.prefix}-replication"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid       = "ReadTheVault"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.vault.arn]
  }

  statement {
    sid       = "ReadVersions"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = ["${aws_s3_bucket.vault.arn}/*"]
  }

  statement {
    sid       = "WriteTheCopy"
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${aws_s3_bucket.copy.arn}/*"]
  }

  statement {
    sid       = "ReadWithOneKey"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.this["vault"].arn]
  }

  statement {
    sid       = "WriteWithTheOther"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this["copy"].arn]
  }
}

resource "aws_iam_role_policy" "replication" {
  name   = "replicate"
  role   = aws_iam_role.replication.id
  policy = data.aws_iam_policy_document.replication.json
}
