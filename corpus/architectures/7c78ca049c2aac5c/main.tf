# A savings bank's KMS keys in rings: encryption keys with aliases, policies and grants bound to an encryption context, yearly backup keys, and keys that only sign.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  root    = "arn:${data.aws_partition.current.partition}:iam::${local.account}:root"

  # Who may do what with which ring, one grant each.
  grants = merge([
    for ring, settings in var.rings : {
      for team in settings.teams : "${ring}-${team}" => { ring = ring, team = team }
    }
  ]...)

  teams = toset(flatten([for settings in var.rings : settings.teams]))

  signatures = {
    statements = { spec = "RSA_2048", algorithm = "RSASSA_PSS_SHA_256" }
    transfers  = { spec = "ECC_NIST_P256", algorithm = "ECDSA_SHA_256" }
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }
}

resource "aws_iam_role" "team" {
  for_each = local.teams

  name               = "bank-${each.key}"
  path               = "/teams/"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = merge(var.tags, { Team = each.key })
}

# A ring's policy: the account owns it, services use it for the account, nobody deletes it early.

data "aws_iam_policy_document" "ring" {
  for_each = var.rings

  statement {
    sid       = "Owner"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }

  dynamic "statement" {
    for_each = each.value.services

    content {
      sid       = "Through${title(statement.value)}"
      actions   = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${statement.value}.${data.aws_region.current.name}.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:CallerAccount"
        values   = [local.account]
      }
    }
  }

  statement {
    sid       = "NoHaste"
    effect    = "Deny"
    actions   = ["kms:ScheduleKeyDeletion"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "kms:ScheduleKeyDeletionPendingWindowInDays"
      values   = ["7"]
    }
  }
}

resource "aws_kms_key" "ring" {
  for_each = var.rings

  description             = "Bank, ${each.key}"
  deletion_window_in_days = each.value.deletion_window
  enable_key_rotation     = each.value.rotate
  is_enabled              = each.value.enabled
  policy                  = data.aws_iam_policy_document.ring[each.key].json
  tags                    = merge(var.tags, { Ring = each.key })
}

resource "aws_kms_alias" "ring" {
  for_each = var.rings

  name          = "alias/bank/${each.key}"
  target_key_id = aws_kms_key.ring[each.key].key_id
}

# A grant works only for things of its team.

resource "aws_kms_grant" "team" {
  for_each = local.grants

  name              = "bank-${each.key}"
  key_id            = aws_kms_key.ring[each.value.ring].key_id
  grantee_principal = aws_iam_role.team[each.value.team].arn
  operations        = var.rings[each.value.ring].operations

  constraints {
    encryption_context_subset = {
      team = each.value.team
    }
  }
}

# Backups of a year are thrown away with their key.

resource "aws_kms_key" "backup" {
  count = var.backup_years

  description             = "Bank, backups of ${var.first_year + count.index}"
  deletion_window_in_days = 30
  enable_key_rotation     = false
  tags                    = merge(var.tags, { Year = tostring(var.first_year + count.index) })
}

resource "aws_kms_alias" "backup" {
  count = var.backup_years

  name          = "alias/bank/backup/${var.first_year + count.index}"
  target_key_id = aws_kms_key.backup[count.index].key_id
}

# The alias that the nightly job asks for follows the newest year.

resource "aws_kms_alias" "backup_now" {
  name          = "alias/bank/backup/now"
  target_key_id = aws_kms_key.backup[var.backup_years - 1].key_id
}

resource "aws_kms_key" "signature" {
  for_each = local.signatures

  description              = "Bank, signs ${each.key}"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = each.value.spec
  deletion_window_in_days  = 14
  tags                     = merge(var.tags, { Signs = each.key })
}

resource "aws_kms_alias" "signature" {
  for_each = local.signatures

  name          = "alias/bank/signs/${each.key}"
  target_key_id = aws_kms_key.signature[each.key].key_id
}
