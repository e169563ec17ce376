# A shipyard's networks in two regions, peered from one side, accepted on the other and routed both ways.

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "drydock"
  region = var.drydock_region
}

data "aws_caller_identity" "current" {}

locals {
  name = "shipyard"
  tags = { Project = "shipyard" }
}

module "office" {
  source = "./modules/site"

  name        = "${local.name}-office"
  cidr_block  = var.office_cidr_block
  zones       = ["a", "b"]
  peer_blocks = [var.drydock_cidr_block]
  tags        = local.tags
}

module "drydock" {
  source = "./modules/site"

  providers = {
    aws = aws.drydock
  }

  name        = "${local.name}-drydock"
  cidr_block  = var.drydock_cidr_block
  zones       = ["a"]
  peer_blocks = [var.office_cidr_block]
  tags        = local.tags
}

# The office asks for the connection, the drydock's region accepts it.

resource "aws_vpc_peering_connection" "this" {
  vpc_id        = module.office.vpc_id
  peer_vpc_id   = module.drydock.vpc_id
  peer_owner_id = data.aws_caller_identity.current.account_id
  peer_region   = var.drydock_region
  auto_accept   = false
  tags          = merge(local.tags, { Name = "${local.name}-office-to-drydock" })
}

resource "aws_vpc_peering_connection_accepter" "this" {
  provider = aws.drydock

  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  auto_accept               = true
  tags                      = merge(local.tags, { Name = "${local.name}-office-to-drydock" })
}

resource "aws_route" "office_to_drydock" {
  count = length(module.office.route_table_ids)

  route_table_id            = module.office.route_table_ids[count.index]
  destination_cidr_block    = var.drydock_cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
}

resource "aws_route" "drydock_to_office" {
  provider = aws.drydock
  count    = length(module.drydock.route_table_ids)

  route_table_id            = module.drydock.route_table_ids[count.index]
  destination_cidr_block    = var.office_cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
}
