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
  default = "reader"
}

resource "aws_iam_role" "reader" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "reader" {
  role = aws_iam_role.reader.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "logs:GetLogEvents", Resource = "*" }]
  })
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/${var.name}/audit"
  retention_in_days = 7
}

resource "aws_cloudwatch_log_stream" "audit" {
  name           = "day"
  log_group_name = aws_cloudwatch_log_group.audit.name
}

resource "aws_sns_topic" "alerts" {
  name = "${var.name}-alerts"
}

output "role" {
  value = aws_iam_role.reader.name
}

output "log_group" {
  value = aws_cloudwatch_log_group.audit.name
}
