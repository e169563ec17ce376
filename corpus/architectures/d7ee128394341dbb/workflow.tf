data "aws_iam_policy_document" "assume" {
  for_each = toset(["events", "states"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "workflow" {
  name               = "${local.name}-workflow"
  assume_role_policy = data.aws_iam_policy_document.assume["states"].json
  tags               = local.tags
}

resource "aws_sfn_state_machine" "confirm" {
  name     = "${local.name}-confirm"
  role_arn = aws_iam_role.workflow.arn
  tags     = local.tags

  definition = templatefile("${path.module}/confirm.asl.json", {
    free_shipping_from = var.free_shipping_from
  })
}

resource "aws_iam_role" "events" {
  name               = "${local.name}-events"
  assume_role_policy = data.aws_iam_policy_document.assume["events"].json
  tags               = local.tags
}

resource "aws_iam_role_policy" "start_workflow" {
  name = "start-workflow"
  role = aws_iam_role.events.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "states:StartExecution"
      Resource = aws_sfn_state_machine.confirm.arn
    }]
  })
}
