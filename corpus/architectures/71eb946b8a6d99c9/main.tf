provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  path = "/${var.service}/${var.environment}"

  settings = {
    "http/port"        = "8443"
    "http/timeout"     = "30"
    "features/enabled" = "search,export,audit"
  }

  tags = {
    Service     = var.service
    Environment = var.environment
  }
}

resource "aws_kms_key" "settings" {
  description             = "Settings and secrets of ${var.service}"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = local.tags
}

resource "aws_kms_alias" "settings" {
  name          = "alias/${var.service}-settings"
  target_key_id = aws_kms_key.settings.key_id
}

resource "aws_ssm_parameter" "setting" {
  for_each = local.settings

  name        = "${local.path}/${each.key}"
  description = "Set by Terraform"
  type        = length(split(",", each.value)) > 1 ? "StringList" : "String"
  value       = each.value
  tags        = local.tags
}

resource "aws_ssm_parameter" "license" {
  name   = "${local.path}/license"
  type   = "SecureString"
  value  = file("${path.module}/license.txt")
  key_id = aws_kms_key.settings.arn
  tags   = local.tags
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.service}/${var.environment}/database"
  description             = "Credentials of the reporting database"
  kms_key_id              = aws_kms_key.settings.arn
  recovery_window_in_days = 0
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id = aws_secretsmanager_secret.database.id

  secret_string = jsonencode({
    engine   = "postgres"
    username = var.database_user
    password = "change-me-at-first-rotation"
  })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

data "aws_iam_policy_document" "only_this_account" {
  statement {
    sid       = "OnlyThisAccount"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn = aws_secretsmanager_secret.database.arn
  policy     = data.aws_iam_policy_document.only_this_account.json
}

data "aws_iam_policy_document" "reader" {
  statement {
    actions   = ["ssm:GetParametersByPath", "ssm:GetParameter"]
    resources = [for parameter in aws_ssm_parameter.setting : parameter.arn]
  }

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.database.arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.settings.arn]
  }
}

resource "aws_iam_policy" "reader" {
  name   = "${var.service}-settings-reader"
  path   = "/settings/"
  policy = data.aws_iam_policy_document.reader.json
}
