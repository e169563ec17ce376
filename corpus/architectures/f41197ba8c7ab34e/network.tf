resource "aws_vpc" "shop" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = local.name })
}

resource "aws_subnet" "this" {
  count = 2

  vpc_id            = aws_vpc.shop.id
  cidr_block        = cidrsubnet(var.cidr, 8, count.index)
  availability_zone = "${var.region}${element(["a", "b"], count.index)}"
  tags              = merge(local.tags, { Name = "${local.name}-${count.index}" })
}

resource "aws_security_group" "balancer" {
  name   = "${local.name}-balancer"
  vpc_id = aws_vpc.shop.id
  tags   = local.tags

  ingress {
    description = "Customers"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "tasks" {
  name   = "${local.name}-tasks"
  vpc_id = aws_vpc.shop.id
  tags   = local.tags

  dynamic "ingress" {
    for_each = local.services

    content {
      description     = ingress.key
      from_port       = ingress.value.port
      to_port         = ingress.value.port
      protocol        = "tcp"
      security_groups = [aws_security_group.balancer.id]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "shop" {
  name               = local.name
  load_balancer_type = "application"
  internal           = true
  subnets            = aws_subnet.this[*].id
  security_groups    = [aws_security_group.balancer.id]
  tags               = local.tags
}

resource "aws_lb_target_group" "this" {
  for_each = local.services

  name        = "${local.name}-${each.key}"
  vpc_id      = aws_vpc.shop.id
  port        = each.value.port
  protocol    = "HTTP"
  target_type = "ip"

  health_check {
    path     = "/health"
    matcher  = "200"
    interval = 15
    timeout  = 5
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.shop.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "We do not have that cheese"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each = local.services

  listener_arn = aws_lb_listener.http.arn
  priority     = each.value.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  condition {
    path_pattern {
      values = [each.value.path]
    }
  }
}

resource "aws_service_discovery_private_dns_namespace" "shop" {
  name = "${local.name}.internal"
  vpc  = aws_vpc.shop.id
}

resource "aws_service_discovery_service" "this" {
  for_each = local.services

  name = each.key

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.shop.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_efs_file_system" "cellar" {
  creation_token = "${local.name}-cellar"
  encrypted      = true
  tags           = merge(local.tags, { Name = "cellar" })

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
}

resource "aws_efs_mount_target" "cellar" {
  count = 2

  file_system_id  = aws_efs_file_system.cellar.id
  subnet_id       = aws_subnet.this[count.index].id
  security_groups = [aws_security_group.tasks.id]
}
