# A bottling plant's machines in AWS IoT: thing types and things from a map, certificates and scoped policies, a role alias that lets them write a table, and a message broker with its configuration.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "bottling"

  machines = merge([
    for line, kinds in var.lines : {
      for kind in kinds : "${local.name}-${line}-${kind}" => { line = line, kind = kind }
    }
  ]...)

  kinds = toset([for machine in local.machines : machine.kind])
}

resource "aws_iot_thing_type" "this" {
  for_each = local.kinds

  name = each.key

  properties {
    description           = "A machine that is a ${each.key}"
    searchable_attributes = ["line"]
  }
}

resource "aws_iot_thing" "this" {
  for_each = local.machines

  name            = each.key
  thing_type_name = aws_iot_thing_type.this[each.value.kind].name

  attributes = {
    line = each.value.line
  }
}

resource "aws_iot_certificate" "line" {
  for_each = var.lines

  active = true
}

data "aws_iam_policy_document" "line" {
  for_each = var.lines

  statement {
    actions   = ["iot:Connect"]
    resources = [for kind in each.value : aws_iot_thing.this["${local.name}-${each.key}-${kind}"].arn]
  }

  statement {
    actions   = ["iot:Publish"]
    resources = ["arn:aws:iot:${var.region}:${data.aws_caller_identity.current.account_id}:topic/${each.key}/*"]
  }
}

resource "aws_iot_policy" "line" {
  for_each = var.lines

  name   = "${local.name}-${each.key}"
  policy = data.aws_iam_policy_document.line[each.key].json
}

resource "aws_iot_policy_attachment" "line" {
  for_each = var.lines

  policy = aws_iot_policy.line[each.key].name
  target = aws_iot_certificate.line[each.key].arn
}

resource "aws_iot_thing_principal_attachment" "this" {
  for_each = local.machines

  thing     = aws_iot_thing.this[each.key].name
  principal = aws_iot_certificate.line[each.value.line].arn
}

resource "aws_dynamodb_table" "state" {
  name         = "${local.name}-state"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "machine"

  attribute {
    name = "machine"
    type = "S"
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["credentials.iot.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "machines" {
  name               = "${local.name}-machines"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "machines" {
  name = "write-state"
  role = aws_iam_role.machines.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
      Resource = aws_dynamodb_table.state.arn
    }]
  })
}

# By this alias a machine turns its certificate into credentials for the table.

resource "aws_iot_role_alias" "machines" {
  alias               = "${local.name}-machines"
  role_arn            = aws_iam_role.machines.arn
  credential_duration = 3600
}

# The old machines speak to a broker of their own.

resource "aws_mq_configuration" "old" {
  name           = "${local.name}-old"
  engine_type    = "ActiveMQ"
  engine_version = "5.16.2"
  data           = templatefile("${path.module}/broker.xml", { hours = var.keep_hours })
}

resource "aws_mq_broker" "old" {
  broker_name        = "${local.name}-old"
  engine_type        = "ActiveMQ"
  engine_version     = "5.16.2"
  host_instance_type = "mq.t3.micro"
  deployment_mode    = "SINGLE_INSTANCE"

  configuration {
    id       = aws_mq_configuration.old.id
    revision = aws_mq_configuration.old.latest_revision
  }

  user {
    username = "foreman"
    password = var.broker_password
  }
}
