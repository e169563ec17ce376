# The organization of a university: units in two levels, service control policies attached where they count, and GuardDuty with filters that quieten known noise.

provider "aws" {
  region = var.region
}

locals {
  # Faculties are below schools; a faculty is written as school/faculty.
  schools   = toset(keys(var.schools))
  faculties = merge([for school, names in var.schools : { for name in names : "${school}/${name}" => school }]...)

  policies = {
    stay-in-europe = {
      targets = ["science", "arts"]
      statement = {
        Effect    = "Deny"
        NotAction = ["iam:*", "sts:*", "organizations:*", "support:*"]
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:RequestedRegion" = var.regions } }
      }
    }

    keep-the-trail = {
      targets = ["root"]
      statement = {
        Effect   = "Deny"
        Action   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]
        Resource = "*"
      }
    }

    no-large-machines = {
      targets = ["arts"]
      statement = {
        Effect    = "Deny"
        Action    = "ec2:RunInstances"
        Resource  = "arn:aws:ec2:*:*:instance/*"
        Condition = { StringNotLike = { "ec2:InstanceType" = ["*.micro", "*.small"] } }
      }
    }
  }

  attachments = merge([
    for name, policy in local.policies : {
      for target in policy.targets : "${name}@${target}" => { policy = name, target = target }
    }
  ]...)

  targets = merge(
    { root = aws_organizations_organization.university.roots[0].id },
    { for name, unit in aws_organizations_organizational_unit.school : name => unit.id },
  )
}

resource "aws_organizations_organization" "university" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_organizational_unit" "school" {
  for_each = local.schools

  name      = each.key
  parent_id = aws_organizations_organization.university.roots[0].id
}

resource "aws_organizations_organizational_unit" "faculty" {
  for_each = local.faculties

  name      = split("/", each.key)[1]
  parent_id = aws_organizations_organizational_unit.school[each.value].id
}

resource "aws_organizations_policy" "this" {
  for_each = local.policies

  name        = each.key
  description = title(replace(each.key, "-", " "))
  type        = "SERVICE_CONTROL_POLICY"

  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [each.value.statement]
  })

  # Policies of a type can only be made once the type is enabled.
  depends_on = [aws_organizations_organization.university]
}

resource "aws_organizations_policy_attachment" "this" {
  for_each = local.attachments

  policy_id = aws_organizations_policy.this[each.value.policy].id
  target_id = local.targets[each.value.target]
}

resource "aws_guardduty_detector" "main" {
  enable                       = true
  finding_publishing_frequency = "ONE_HOUR"
}

resource "aws_guardduty_filter" "noise" {
  for_each = var.noise

  name        = each.key
  detector_id = aws_guardduty_detector.main.id
  action      = "ARCHIVE"
  rank        = index(keys(var.noise), each.key) + 1

  finding_criteria {
    criterion {
      field      = each.value.field
      not_equals = each.value.except
    }

    criterion {
      field     = "severity"
      less_than = "4"
    }
  }
}
