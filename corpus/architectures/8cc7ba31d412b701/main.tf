# Every tenant of a parcel-locker company gets a queue, a dead-letter queue, policies and settings from one module, with limits that follow the tenant's plan.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  plans = {
    basic   = { retention_days = 1, receive_count = 3, delay = 5 }
    premium = { retention_days = 7, receive_count = 8, delay = 0 }
  }

  # Tenants that have left keep nothing.
  active = { for name, tenant in var.tenants : name => tenant if tenant.active }
}

module "tenant" {
  source   = "./modules/tenant"
  for_each = local.active

  name              = each.key
  account_id        = data.aws_caller_identity.current.account_id
  retention_seconds = local.plans[each.value.plan].retention_days * 86400
  receive_count     = local.plans[each.value.plan].receive_count
  delay_seconds     = local.plans[each.value.plan].delay
  readers           = each.value.readers

  tags = {
    Tenant = each.key
    Plan   = each.value.plan
  }
}

resource "aws_ssm_parameter" "directory" {
  name  = "/lockers/tenants"
  type  = "StringList"
  value = join(",", sort(keys(local.active)))
}
