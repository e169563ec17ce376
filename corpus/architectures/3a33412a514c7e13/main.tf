# A botanical garden's way into its account: build jobs and gardeners' tablets by OpenID Connect, staff by groups, everybody below one permissions boundary, and rules for passwords.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  path       = "/garden/"

  # In conditions, a provider is called by its host and path, without the scheme.
  issuers = { for name, provider in var.identity_providers : name => replace(provider.url, "https://", "") }

  # Who may become which role: one trust statement per role.
  federated_roles = {
    publish-catalogue = {
      provider = "builds"
      operator = "StringEquals"
      subjects = ["repo:${var.repository}:environment:production"]
      actions  = ["s3:PutObject", "s3:DeleteObject"]
    }
    preview-catalogue = {
      provider = "builds"
      operator = "StringLike"
      subjects = ["repo:${var.repository}:ref:refs/heads/*", "repo:${var.repository}:pull_request"]
      actions  = ["s3:GetObject", "s3:ListBucket"]
    }
    record-bloom = {
      provider = "tablets"
      operator = "StringLike"
      subjects = ["gardener|*"]
      actions  = ["dynamodb:PutItem", "dynamodb:Query"]
    }
  }

  members = { for name in distinct(flatten(values(var.staff))) : name => [
    for group, names in var.staff : group if contains(names, name)
  ] }
}

resource "aws_iam_openid_connect_provider" "this" {
  for_each = var.identity_providers

  url             = each.value.url
  client_id_list  = each.value.audiences
  thumbprint_list = each.value.thumbprints
  tags            = var.tags
}

# Nobody reaches beyond this, whatever else a policy allows.

resource "aws_iam_policy" "boundary" {
  name        = "garden-boundary"
  path        = local.path
  description = "The fence around every role and person of the garden"

  policy = templatefile("${path.module}/policies/boundary.json.tpl", {
    regions    = var.allowed_regions
    account_id = local.account_id
    path       = local.path
  })
}

data "aws_iam_policy_document" "trust" {
  for_each = local.federated_roles

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.this[each.value.provider].arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuers[each.value.provider]}:aud"
      values   = var.identity_providers[each.value.provider].audiences
    }

    condition {
      test     = each.value.operator
      variable = "${local.issuers[each.value.provider]}:sub"
      values   = each.value.subjects
    }
  }
}

resource "aws_iam_role" "federated" {
  for_each = local.federated_roles

  name                 = "garden-${each.key}"
  path                 = local.path
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = aws_iam_policy.boundary.arn
  max_session_duration = 3600
  tags                 = var.tags
}

data "aws_iam_policy_document" "work" {
  for_each = local.federated_roles

  statement {
    sid       = "Work"
    actions   = each.value.actions
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role_policy" "work" {
  for_each = local.federated_roles

  name   = "work"
  role   = aws_iam_role.federated[each.key].id
  policy = data.aws_iam_policy_document.work[each.key].json
}

# Staff.

resource "aws_iam_group" "staff" {
  for_each = var.staff

  name = "garden-${each.key}"
  path = local.path
}

resource "aws_iam_user" "staff" {
  for_each = local.members

  name                 = "garden-${each.key}"
  path                 = local.path
  permissions_boundary = aws_iam_policy.boundary.arn
  force_destroy        = true
  tags                 = var.tags
}

resource "aws_iam_group_membership" "staff" {
  for_each = var.staff

  name  = "garden-${each.key}"
  group = aws_iam_group.staff[each.key].name
  users = [for name in each.value : aws_iam_user.staff[name].name]
}

data "aws_iam_policy_document" "own_credentials" {
  statement {
    sid       = "OwnCredentials"
    actions   = ["iam:ChangePassword", "iam:*AccessKey*", "iam:*MFADevice*"]
    resources = ["arn:aws:iam::${local.account_id}:user${local.path}$${aws:username}"]
  }

  statement {
    sid         = "NothingElseWithoutSecondFactor"
    effect      = "Deny"
    not_actions = ["iam:ChangePassword", "iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "sts:GetSessionToken"]
    resources   = ["*"]

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "own_credentials" {
  name   = "garden-own-credentials"
  path   = local.path
  policy = data.aws_iam_policy_document.own_credentials.json
}

resource "aws_iam_group_policy_attachment" "own_credentials" {
  for_each = aws_iam_group.staff

  group      = each.value.name
  policy_arn = aws_iam_policy.own_credentials.arn
}

# The machine in the glasshouse.

data "aws_iam_policy_document" "machine" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "glasshouse" {
  name                 = "garden-glasshouse"
  path                 = local.path
  assume_role_policy   = data.aws_iam_policy_document.machine.json
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "glasshouse" {
  role       = aws_iam_role.glasshouse.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "glasshouse" {
  name = "garden-glasshouse"
  path = local.path
  role = aws_iam_role.glasshouse.name
  tags = var.tags
}

# The account itself.

resource "aws_iam_account_alias" "garden" {
  account_alias = var.account_alias
}

resource "aws_iam_account_password_policy" "garden" {
  minimum_password_length        = 20
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = false
  allow_users_to_change_password = true
  password_reuse_prevention      = 12
  max_password_age               = 365
}
