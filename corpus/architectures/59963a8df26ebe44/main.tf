# The members of a climbing club: a Cognito user pool with groups, clients and scopes, and an identity pool whose roles are mapped from the groups.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "climbing-club"

  groups = {
    wardens  = { precedence = 1, actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] }
    trainers = { precedence = 5, actions = ["s3:GetObject", "s3:PutObject"] }
    members  = { precedence = 10, actions = ["s3:GetObject"] }
  }

  provider_name = "cognito-idp.${var.region}.amazonaws.com/${aws_cognito_user_pool.club.id}"
}

resource "aws_cognito_user_pool" "club" {
  name                     = local.name
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  tags                     = var.tags

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 3
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  dynamic "schema" {
    for_each = {
      grade  = "String"
      belays = "Number"
    }

    content {
      name                = schema.key
      attribute_data_type = schema.value
      mutable             = true

      dynamic "string_attribute_constraints" {
        for_each = schema.value == "String" ? [1] : []

        content {
          min_length = "1"
          max_length = "8"
        }
      }

      dynamic "number_attribute_constraints" {
        for_each = schema.value == "Number" ? [1] : []

        content {
          min_value = "0"
          max_value = "9999"
        }
      }
    }
  }
}

resource "aws_cognito_user_pool_domain" "club" {
  domain       = "${local.name}-${data.aws_caller_identity.current.account_id}"
  user_pool_id = aws_cognito_user_pool.club.id
}

resource "aws_cognito_resource_server" "hut" {
  identifier   = "https://hut.${local.name}.example"
  name         = "hut"
  user_pool_id = aws_cognito_user_pool.club.id

  dynamic "scope" {
    for_each = ["beds.read", "beds.book"]

    content {
      scope_name        = scope.value
      scope_description = "May do ${scope.value}"
    }
  }
}

# People sign in at the club's own server by the web client, the hut's door by a secret of its own.

resource "aws_cognito_user_pool_client" "web" {
  name                          = "web"
  user_pool_id                  = aws_cognito_user_pool.club.id
  generate_secret               = false
  explicit_auth_flows           = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
}

resource "aws_cognito_user_pool_client" "door" {
  name                                 = "door"
  user_pool_id                         = aws_cognito_user_pool.club.id
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = aws_cognito_resource_server.hut.scope_identifiers
}

resource "aws_cognito_identity_pool" "club" {
  identity_pool_name               = "climbing club"
  allow_unauthenticated_identities = false
  tags                             = var.tags

  cognito_identity_providers {
    client_id               = aws_cognito_user_pool_client.web.id
    provider_name           = local.provider_name
    server_side_token_check = true
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "cognito-identity.amazonaws.com:aud"
      values   = [aws_cognito_identity_pool.club.id]
    }

    condition {
      test     = "ForAnyValue:StringLike"
      variable = "cognito-identity.amazonaws.com:amr"
      values   = ["authenticated"]
    }
  }
}

resource "aws_s3_bucket" "topos" {
  bucket        = "${local.name}-topos-${data.aws_caller_identity.current.account_id}"
  force_destroy = true
  tags          = var.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

data "aws_iam_policy_document" "group" {
  for_each = local.groups

  statement {
    actions   = each.value.actions
    resources = ["${aws_s3_bucket.topos.arn}/*"]
  }
}

resource "aws_iam_role" "group" {
  for_each = local.groups

  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "group" {
  for_each = local.groups

  name   = "topos"
  role   = aws_iam_role.group[each.key].id
  policy = data.aws_iam_policy_document.group[each.key].json
}

resource "aws_cognito_user_group" "this" {
  for_each = local.groups

  name         = each.key
  user_pool_id = aws_cognito_user_pool.club.id
  description  = "The club's ${each.key}"
  precedence   = each.value.precedence
  role_arn     = aws_iam_role.group[each.key].arn
}

resource "aws_cognito_identity_pool_roles_attachment" "club" {
  identity_pool_id = aws_cognito_identity_pool.club.id

  roles = {
    authenticated = aws_iam_role.group["members"].arn
  }

  role_mapping {
    identity_provider         = "${local.provider_name}:${aws_cognito_user_pool_client.web.id}"
    type                      = "Rules"
    ambiguous_role_resolution = "AuthenticatedRole"

    dynamic "mapping_rule" {
      for_each = { for name, group in local.groups : name => group if name != "members" }

      content {
        claim      = "cognito:groups"
        match_type = "Contains"
        value      = mapping_rule.key
        role_arn   = aws_iam_role.group[mapping_rule.key].arn
      }
    }
  }
}
