# A record shop's databases: PostgreSQL with a replica and parameters of its own, a Redis cache, their subnets and security groups, and the password in a secret.

provider "aws" {
  region = var.region
}

locals {
  name = "record-shop"

  ports = {
    database = 5432
    cache    = 6379
  }
}

resource "aws_vpc" "shop" {
  cidr_block = "10.77.0.0/16"
  tags       = { Name = local.name }
}

resource "aws_subnet" "this" {
  for_each = toset(["a", "b"])

  vpc_id            = aws_vpc.shop.id
  cidr_block        = cidrsubnet(aws_vpc.shop.cidr_block, 8, each.key == "a" ? 1 : 2)
  availability_zone = "${var.region}${each.key}"
  tags              = { Name = "${local.name}-${each.key}" }
}

resource "aws_security_group" "this" {
  for_each = local.ports

  name        = "${local.name}-${each.key}"
  description = "Clients of the ${each.key}"
  vpc_id      = aws_vpc.shop.id
}

resource "aws_security_group_rule" "this" {
  for_each = local.ports

  security_group_id = aws_security_group.this[each.key].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_blocks       = [aws_vpc.shop.cidr_block]
}

resource "aws_db_subnet_group" "shop" {
  name       = local.name
  subnet_ids = [for subnet in aws_subnet.this : subnet.id]
}

resource "aws_db_parameter_group" "shop" {
  name   = local.name
  family = "postgres13"

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "immediate"
    }
  }
}

resource "aws_secretsmanager_secret" "password" {
  name                    = "${local.name}/database"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "password" {
  secret_id = aws_secretsmanager_secret.password.id

  secret_string = jsonencode({
    username = aws_db_instance.main.username
    password = var.password
    host     = aws_db_instance.main.address
    port     = aws_db_instance.main.port
  })
}

resource "aws_db_instance" "main" {
  identifier              = local.name
  engine                  = "postgres"
  engine_version          = "13.4"
  instance_class          = "db.t3.micro"
  allocated_storage       = 20
  storage_type            = "gp2"
  username                = "shopkeeper"
  password                = var.password
  db_subnet_group_name    = aws_db_subnet_group.shop.name
  parameter_group_name    = aws_db_parameter_group.shop.name
  vpc_security_group_ids  = [aws_security_group.this["database"].id]
  backup_retention_period = 7
  skip_final_snapshot     = true
  apply_immediately       = true
}

resource "aws_db_instance" "replica" {
  count = var.replicas

  identifier             = "${local.name}-replica-${count.index + 1}"
  replicate_source_db    = aws_db_instance.main.id
  instance_class         = "db.t3.micro"
  vpc_security_group_ids = [aws_security_group.this["database"].id]
  skip_final_snapshot    = true
}

resource "aws_elasticache_subnet_group" "shop" {
  name       = local.name
  subnet_ids = [for subnet in aws_subnet.this : subnet.id]
}

resource "aws_elasticache_cluster" "shop" {
  cluster_id           = "${local.name}-cache"
  engine               = "redis"
  node_type            = "cache.t3.micro"
  num_cache_nodes      = 1
  parameter_group_name = "default.redis6.x"
  port                 = local.ports.cache
  subnet_group_name    = aws_elasticache_subnet_group.shop.name
  security_group_ids   = [aws_security_group.this["cache"].id]
}

resource "aws_cloudwatch_metric_alarm" "disk" {
  alarm_name          = "${local.name}-disk"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 2 * pow(1024, 3)
  evaluation_periods  = 2
  period              = 300

  dimensions = {
    DBInstanceIdentifier = aws_db_instance.main.id
  }
}
