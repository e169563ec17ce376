# One key for logs and alarms; the services that write with it are named in its policy.

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }

  statement {
    sid       = "Services"
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "logs.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "Logs and alarms of ${var.name}"
  deletion_window_in_days = 14
  enable_key_rotation     = true
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

# People belong to groups, and only groups have policies.

locals {
  attachments = merge([
    for group, policies in var.groups : {
      for policy in policies : "${group}/${basename(policy)}" => { group = group, policy = policy }
    }
  ]...)
}

resource "aws_iam_group" "this" {
  for_each = var.groups

  name = "${var.name}-${each.key}"
}

resource "aws_iam_group_policy_attachment" "this" {
  for_each = local.attachments

  group      = aws_iam_group.this[each.value.group].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value.policy}"
}

resource "aws_iam_user" "this" {
  for_each = var.people

  name          = "${var.name}-${each.key}"
  force_destroy = true
  tags          = var.tags
}

resource "aws_iam_user_group_membership" "this" {
  for_each = var.people

  user   = aws_iam_user.this[each.key].name
  groups = [for group in each.value : aws_iam_group.this[group].name]
}

# In an emergency, a person with a second factor may become the administrator for an hour.

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = {
    break-glass = 3600
    inspection  = 7200
  }

  name                 = "${var.name}-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  max_session_duration = each.value
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = {
    break-glass = "AdministratorAccess"
    inspection  = "ReadOnlyAccess"
  }

  role       = aws_iam_role.this[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}
