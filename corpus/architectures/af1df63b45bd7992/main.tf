provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  path = "/theatre/"

  crew = {
    lights  = { members = ["iris", "otto"], actions = ["s3:GetObject", "s3:ListBucket"] }
    tickets = { members = ["mabel"], actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"] }
  }

  members = toset(flatten([for group in local.crew : group.members]))
}

resource "aws_iam_group" "crew" {
  for_each = local.crew

  name = "theatre-${each.key}"
  path = local.path
}

resource "aws_iam_user" "member" {
  for_each = local.members

  name = "theatre-${each.key}"
  path = local.path
  tags = var.tags
}

resource "aws_iam_user_group_membership" "member" {
  for_each = local.members

  user   = aws_iam_user.member[each.key].name
  groups = [for name, group in local.crew : aws_iam_group.crew[name].name if contains(group.members, each.key)]
}

data "aws_iam_policy_document" "crew" {
  for_each = local.crew

  statement {
    sid       = "Work"
    actions   = each.value.actions
    resources = ["*"]
  }

  statement {
    sid       = "NoHousekeeping"
    effect    = "Deny"
    actions   = ["iam:*", "organizations:*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "crew" {
  for_each = local.crew

  name        = "theatre-${each.key}"
  path        = local.path
  description = "What the ${each.key} crew may do"
  policy      = data.aws_iam_policy_document.crew[each.key].json
}

resource "aws_iam_group_policy_attachment" "crew" {
  for_each = local.crew

  group      = aws_iam_group.crew[each.key].name
  policy_arn = aws_iam_policy.crew[each.key].arn
}

# The stage manager's role can be assumed from within the account, never beyond its boundary.

resource "aws_iam_policy" "boundary" {
  name   = "theatre-boundary"
  path   = local.path
  policy = file("${path.module}/policies/boundary.json")
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "stage_manager" {
  name                 = "theatre-stage-manager"
  path                 = local.path
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
  max_session_duration = 7200
  tags                 = var.tags
}

resource "aws_iam_role_policy" "stage_manager" {
  name = "run-the-show"
  role = aws_iam_role.stage_manager.id

  policy = templatefile("${path.module}/policies/stage-manager.json.tpl", {
    account = data.aws_caller_identity.current.account_id
    region  = var.region
  })
}

resource "aws_iam_role_policy_attachment" "stage_manager" {
  for_each = aws_iam_policy.crew

  role       = aws_iam_role.stage_manager.name
  policy_arn = each.value.arn
}

resource "aws_iam_instance_profile" "stage_manager" {
  name = "theatre-stage-manager"
  path = local.path
  role = aws_iam_role.stage_manager.name
}
