terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 3.39.0"
    }
  }
}

variable "name" {
  type    = string
  default = "settings"
}

resource "aws_kms_key" "secrets" {
  description = var.name
}

resource "aws_ssm_parameter" "host" {
  name  = "/${var.name}/host"
  type  = "String"
  value = "db.internal"
}

resource "aws_ssm_parameter" "password" {
  name   = "/${var.name}/password"
  type   = "SecureString"
  key_id = aws_kms_key.secrets.key_id
  value  = "correct horse"
}

resource "aws_secretsmanager_secret" "token" {
  name                    = "${var.name}-token"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "token" {
  secret_id     = aws_secretsmanager_secret.token.id
  secret_string = "battery staple"
}

output "prefix" {
  value = "/${var.name}"
}

output "secret_arn" {
  value = aws_secretsmanager_secret.token.arn
}
