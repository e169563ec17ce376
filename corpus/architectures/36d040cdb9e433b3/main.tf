# Feature flags of a tram operator as a hierarchy of parameters per stage, secret ones under one KMS key per stage, and policies for readers and switchers.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  root = "/tram/flags"

  # Every flag in every stage: its own value there, or else its default.
  flags = {
    for pair in setproduct(keys(var.stages), keys(var.flags)) :
    "${pair[0]}/${pair[1]}" => {
      stage  = pair[0]
      secret = var.flags[pair[1]].secret
      about  = var.flags[pair[1]].about
      value  = lookup(var.stages[pair[0]], pair[1], var.flags[pair[1]].default)
    }
  }

  open_flags   = { for path, flag in local.flags : path => flag if !flag.secret }
  secret_flags = { for path, flag in local.flags : path => flag if flag.secret }
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "OnlyByParameterStore"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ssm.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_kms_key" "stage" {
  for_each = var.stages

  description             = "Secret flags of ${each.key}"
  enable_key_rotation     = each.key == "live"
  deletion_window_in_days = each.key == "live" ? 30 : 7
  policy                  = data.aws_iam_policy_document.key.json

  tags = {
    Stage = each.key
  }
}

resource "aws_kms_alias" "stage" {
  for_each = aws_kms_key.stage

  name          = "alias/tram-flags-${each.key}"
  target_key_id = each.value.key_id
}

resource "aws_ssm_parameter" "open" {
  for_each = local.open_flags

  name            = "${local.root}/${each.key}"
  description     = each.value.about
  type            = length(split(",", each.value.value)) > 1 ? "StringList" : "String"
  value           = each.value.value
  allowed_pattern = "^[\\w,.%-]+$"

  tags = {
    Stage = each.value.stage
  }
}

resource "aws_ssm_parameter" "secret" {
  for_each = local.secret_flags

  name        = "${local.root}/${each.key}"
  description = each.value.about
  type        = "SecureString"
  key_id      = aws_kms_alias.stage[each.value.stage].name
  value       = each.value.value

  tags = {
    Stage = each.value.stage
  }
}

# Readers see one stage; switchers may change it too, but never a secret.

data "aws_iam_policy_document" "reader" {
  for_each = var.stages

  statement {
    sid       = "Read"
    actions   = ["ssm:GetParametersByPath", "ssm:GetParameter", "ssm:GetParameters"]
    resources = ["arn:aws:ssm:${var.region}:*:parameter${local.root}/${each.key}*"]
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.stage[each.key].arn]
  }
}

data "aws_iam_policy_document" "switcher" {
  for_each = var.stages

  source_json = data.aws_iam_policy_document.reader[each.key].json

  statement {
    sid       = "Switch"
    actions   = ["ssm:PutParameter"]
    resources = [for path, p in aws_ssm_parameter.open : p.arn if local.flags[path].stage == each.key]
  }

  dynamic "statement" {
    for_each = each.key == "live" ? [1] : []

    content {
      sid       = "ButNotByNight"
      effect    = "Deny"
      actions   = ["ssm:PutParameter"]
      resources = ["*"]

      condition {
        test     = "BoolIfExists"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["false"]
      }
    }
  }
}

resource "aws_iam_policy" "reader" {
  for_each = var.stages

  name   = "tram-flags-${each.key}-reader"
  path   = "/flags/"
  policy = data.aws_iam_policy_document.reader[each.key].json
}

resource "aws_iam_policy" "switcher" {
  for_each = var.stages

  name   = "tram-flags-${each.key}-switcher"
  path   = "/flags/"
  policy = data.aws_iam_policy_document.switcher[each.key].json
}

resource "aws_iam_group" "switchers" {
  name = "tram-control-room"
}

resource "aws_iam_group_policy_attachment" "switchers" {
  for_each = aws_iam_policy.switcher

  group      = aws_iam_group.switchers.name
  policy_arn = each.value.arn
}
