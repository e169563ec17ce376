provider "aws" {
  region = var.region
}

locals {
  name = "phrasebook"

  steps = {
    clean  = { memory = 128, timeout = 5 }
    detect = { memory = 128, timeout = 5 }
    gloss  = { memory = 256, timeout = 10 }
  }
}

data "aws_iam_policy_document" "assume" {
  for_each = toset(["lambda", "states"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "step" {
  name               = "${local.name}-step"
  assume_role_policy = data.aws_iam_policy_document.assume["lambda"].json
}

module "step" {
  source   = "./modules/step"
  for_each = local.steps

  name     = "${local.name}-${each.key}"
  archive  = "${path.module}/steps/${each.key}.zip"
  handler  = "${each.key}.handler"
  role_arn = aws_iam_role.step.arn
  memory   = each.value.memory
  timeout  = each.value.timeout
}

resource "aws_iam_role" "workflow" {
  name               = "${local.name}-workflow"
  assume_role_policy = data.aws_iam_policy_document.assume["states"].json
}

data "aws_iam_policy_document" "invoke" {
  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [for step in module.step : step.arn]
  }
}

resource "aws_iam_role_policy" "invoke" {
  name   = "invoke-steps"
  role   = aws_iam_role.workflow.id
  policy = data.aws_iam_policy_document.invoke.json
}

resource "aws_sfn_state_machine" "translate" {
  name     = "${local.name}-translate"
  role_arn = aws_iam_role.workflow.arn

  definition = templatefile("${path.module}/translate.asl.json", {
    clean  = module.step["clean"].arn
    detect = module.step["detect"].arn
    gloss  = module.step["gloss"].arn
  })

  depends_on = [aws_iam_role_policy.invoke]
}
