# A harbour's cargo figures in a one-node Redshift cluster inside private subnets, open to the analysts' network only and allowed to load from one bucket.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name     = "harbour-cargo"
  database = "cargo"
  zones    = ["a", "b"]

  tags = {
    Project = "harbour"
    Purpose = "cargo figures"
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = local.name })
}

resource "aws_subnet" "warehouse" {
  count = length(local.zones)

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr_block, 4, count.index)
  availability_zone = "${var.region}${local.zones[count.index]}"
  tags              = merge(local.tags, { Name = "${local.name}-${local.zones[count.index]}" })
}

resource "aws_security_group" "warehouse" {
  name        = local.name
  description = "Analysts to the warehouse"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group_rule" "analysts" {
  count = length(var.analyst_networks)

  security_group_id = aws_security_group.warehouse.id
  description       = "Network of analysts ${count.index + 1}"
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.port
  to_port           = var.port
  cidr_blocks       = [var.analyst_networks[count.index]]
}

# What the cluster may load: the manifests that the ships' agents send.

resource "aws_s3_bucket" "manifests" {
  bucket        = "${local.name}-manifests-${data.aws_caller_identity.current.account_id}"
  force_destroy = true
  tags          = local.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["redshift.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "load" {
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.manifests.arn]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.manifests.arn}/incoming/*"]
  }
}

resource "aws_iam_role" "load" {
  name               = "${local.name}-load"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "load" {
  name   = "load-manifests"
  role   = aws_iam_role.load.id
  policy = data.aws_iam_policy_document.load.json
}

resource "aws_redshift_subnet_group" "this" {
  name        = local.name
  description = "Private subnets of the warehouse"
  subnet_ids  = aws_subnet.warehouse[*].id
  tags        = local.tags
}

resource "aws_redshift_parameter_group" "this" {
  name        = local.name
  description = "The engine of the cargo figures"
  family      = "redshift-1.0"

  # The engine lists its own defaults as well.
  lifecycle {
    ignore_changes = [parameter]
  }
}

resource "aws_redshift_cluster" "this" {
  cluster_identifier                  = local.name
  database_name                       = local.database
  master_username                     = "harbourmaster"
  master_password                     = var.master_password
  node_type                           = "dc2.large"
  cluster_type                        = "single-node"
  port                                = var.port
  cluster_subnet_group_name           = aws_redshift_subnet_group.this.name
  cluster_parameter_group_name        = aws_redshift_parameter_group.this.name
  vpc_security_group_ids              = [aws_security_group.warehouse.id]
  iam_roles                           = [aws_iam_role.load.arn]
  publicly_accessible                 = false
  encrypted                           = true
  automated_snapshot_retention_period = 3
  preferred_maintenance_window        = "sun:02:00-sun:03:00"
  skip_final_snapshot                 = true
  tags                                = local.tags
}
