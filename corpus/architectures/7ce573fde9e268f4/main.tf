# A notary's backups: two encrypted Backup vaults, a plan whose daily and monthly rules copy from one to the other, EFS shares with access points, a table, and a topic for failures.

provider "aws" {
  region = var.region
}

locals {
  name = "notary"

  shares = {
    deeds     = { keep = true, mode = "generalPurpose", uid = 1001 }
    scratch   = { keep = false, mode = "generalPurpose", uid = 1002 }
    registers = { keep = true, mode = "maxIO", uid = 1003 }
  }
}

resource "aws_kms_key" "vault" {
  description             = "Backups of the ${local.name}"
  deletion_window_in_days = 14
  enable_key_rotation     = true
}

resource "aws_efs_file_system" "share" {
  for_each = local.shares

  creation_token   = "${local.name}-${each.key}"
  performance_mode = each.value.mode
  encrypted        = true
  kms_key_id       = aws_kms_key.vault.arn

  tags = {
    Name   = each.key
    Backup = each.value.keep ? "yes" : "no"
  }
}

resource "aws_efs_access_point" "share" {
  for_each = local.shares

  file_system_id = aws_efs_file_system.share[each.key].id

  posix_user {
    uid = each.value.uid
    gid = 1000
  }

  root_directory {
    path = "/${each.key}"

    creation_info {
      owner_uid   = each.value.uid
      owner_gid   = 1000
      permissions = "0750"
    }
  }

  tags = {
    Name = each.key
  }
}

resource "aws_dynamodb_table" "clients" {
  name         = "${local.name}-clients"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "client"

  attribute {
    name = "client"
    type = "S"
  }
}

resource "aws_sns_topic" "failures" {
  name = "${local.name}-backup-failures"
}

data "aws_iam_policy_document" "failures" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.failures.arn]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "failures" {
  arn    = aws_sns_topic.failures.arn
  policy = data.aws_iam_policy_document.failures.json
}

resource "aws_backup_vault" "this" {
  for_each = toset(["daily", "cellar"])

  name        = "${local.name}-${each.key}"
  kms_key_arn = aws_kms_key.vault.arn

  tags = {
    Office = local.name
  }
}

resource "aws_backup_plan" "this" {
  name = local.name

  dynamic "rule" {
    for_each = var.rules

    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.this["daily"].name
      schedule          = rule.value.schedule
      start_window      = 60
      completion_window = 300

      lifecycle {
        cold_storage_after = rule.value.cold_after
        delete_after       = rule.value.delete_after
      }

      dynamic "copy_action" {
        for_each = rule.value.copied ? [aws_backup_vault.this["cellar"].arn] : []

        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = rule.value.delete_after
          }
        }
      }
    }
  }

  tags = {
    Office = local.name
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "backup" {
  name               = "${local.name}-backup"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

# What the plan protects: offices choose by tag, the rest is named one by one.

resource "aws_backup_selection" "tagged" {
  for_each = var.protected_tags

  name         = each.key
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = each.value
  }
}
