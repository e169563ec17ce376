# A shop in containers: images in ECR, Fargate services in ECS behind a load balancer with path rules, names in a private namespace and shared files on EFS.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "cheese-shop"

  services = {
    storefront = { port = 8080, path = "/*", priority = 90, copies = 2 }
    basket     = { port = 8081, path = "/basket/*", priority = 10, copies = 1 }
    cellar     = { port = 8082, path = "/cellar/*", priority = 20, copies = 1 }
  }

  tags = {
    Shop = local.name
  }
}

resource "aws_ecr_repository" "this" {
  for_each = local.services

  name                 = "${local.name}/${each.key}"
  image_tag_mutability = "IMMUTABLE"
  tags                 = local.tags

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the last ${var.images_kept} images"
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = var.images_kept
      }
      action = { type = "expire" }
    }]
  })
}

resource "aws_ecs_cluster" "shop" {
  name = local.name
  tags = local.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.services

  name              = "/ecs/${local.name}/${each.key}"
  retention_in_days = 14
  tags              = local.tags
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${local.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
  tags               = local.tags
}

data "aws_iam_policy_document" "execution" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [for repository in aws_ecr_repository.this : repository.arn]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.this : "${group.arn}:*"]
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "pull-and-log"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

resource "aws_ecs_task_definition" "this" {
  for_each = local.services

  family                   = "${local.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn
  tags                     = local.tags

  container_definitions = templatefile("${path.module}/container.json", {
    name    = each.key
    image   = "${aws_ecr_repository.this[each.key].repository_url}:${var.release}"
    port    = each.value.port
    log     = aws_cloudwatch_log_group.this[each.key].name
    region  = var.region
    mounted = each.key == "cellar"
  })

  dynamic "volume" {
    for_each = each.key == "cellar" ? [aws_efs_file_system.cellar.id] : []

    content {
      name = "cheeses"

      efs_volume_configuration {
        file_system_id = volume.value
        root_directory = "/"
      }
    }
  }
}

resource "aws_ecs_service" "this" {
  for_each = local.services

  name            = each.key
  cluster         = aws_ecs_cluster.shop.id
  task_definition = aws_ecs_task_definition.this[each.key].arn
  launch_type     = "FARGATE"
  desired_count   = each.value.copies

  # A target group is of use only once a listener sends to it.
  depends_on = [aws_lb_listener_rule.this]

  network_configuration {
    subnets         = aws_subnet.this[*].id
    security_groups = [aws_security_group.tasks.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this[each.key].arn
    container_name   = each.key
    container_port   = each.value.port
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this[each.key].arn
  }
}
