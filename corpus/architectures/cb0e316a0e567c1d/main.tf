# An aquarium's credentials in Secrets Manager, with a candidate that waits for its turn, the settings around them in Parameter Store, and the document and nightly window that rotate them.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  prefix = "/aquarium/${var.environment}"
  root   = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"

  # Lists become one text, and what is secret is encrypted with our own key.
  settings = {
    "tanks/reef/celsius"      = { type = "String", value = "25.5" }
    "tanks/reef/species"      = { type = "StringList", value = join(",", var.reef_species) }
    "tanks/kelp/celsius"      = { type = "String", value = "13" }
    "tanks/kelp/species"      = { type = "StringList", value = join(",", var.kelp_species) }
    "rotation/schedule"       = { type = "String", value = var.rotation_schedule }
    "rotation/webhook-secret" = { type = "SecureString", value = var.webhook_secret }
  }

  feeder_account = {
    username = "feeder"
    host     = "feeding.aquarium.internal"
    port     = 5432
  }
}

resource "aws_kms_key" "secrets" {
  description             = "Credentials of the aquarium"
  deletion_window_in_days = 7
  tags                    = var.tags
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/aquarium-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

# Credentials. A window of zero days lets a name be used again at once.

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "aquarium/${var.environment}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 0
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "feeder" {
  secret_id     = aws_secretsmanager_secret.this["feeder"].id
  secret_string = jsonencode(merge(local.feeder_account, { password = var.feeder_passwords.current }))
}

resource "aws_secretsmanager_secret_version" "feeder_candidate" {
  secret_id      = aws_secretsmanager_secret.this["feeder"].id
  secret_string  = jsonencode(merge(local.feeder_account, { password = var.feeder_passwords.candidate }))
  version_stages = ["CANDIDATE"]

  # The first version becomes the current one, whatever its stages: this must not be the first.
  depends_on = [aws_secretsmanager_secret_version.feeder]
}

resource "aws_secretsmanager_secret_version" "ticketing" {
  secret_id     = aws_secretsmanager_secret.this["ticketing"].id
  secret_binary = base64encode("ticketing-api-token:${var.environment}")
}

data "aws_iam_policy_document" "secret" {
  statement {
    sid       = "OnlyThisAccountReads"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }

  statement {
    sid       = "NobodyDeletesByHand"
    effect    = "Deny"
    actions   = ["secretsmanager:DeleteSecret"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/deployment-*", local.root]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = aws_secretsmanager_secret.this

  secret_arn = each.value.arn
  policy     = data.aws_iam_policy_document.secret.json
}

# Settings.

resource "aws_ssm_parameter" "setting" {
  for_each = local.settings

  name   = "${local.prefix}/${each.key}"
  type   = each.value.type
  value  = each.value.value
  key_id = each.value.type == "SecureString" ? aws_kms_key.secrets.key_id : null
  tags   = var.tags
}

resource "aws_ssm_parameter" "secret_names" {
  name  = "${local.prefix}/rotation/secrets"
  type  = "StringList"
  value = join(",", sort([for secret in aws_secretsmanager_secret.this : secret.name]))
  tags  = var.tags
}

# What is done at night, and when.

resource "aws_ssm_document" "rotate" {
  name            = "aquarium-${var.environment}-rotate"
  document_type   = "Command"
  document_format = "YAML"
  target_type     = "/AWS::EC2::Instance"
  tags            = var.tags

  content = templatefile("${path.module}/documents/rotate.yaml.tpl", {
    parameter = aws_ssm_parameter.secret_names.name
    stage     = join("", aws_secretsmanager_secret_version.feeder_candidate.version_stages)
  })
}

resource "aws_ssm_maintenance_window" "night" {
  name              = "aquarium-${var.environment}-night"
  description       = "When the visitors are gone"
  schedule          = var.rotation_schedule
  schedule_timezone = "Europe/Lisbon"
  duration          = 3
  cutoff            = 1
  tags              = var.tags
}
