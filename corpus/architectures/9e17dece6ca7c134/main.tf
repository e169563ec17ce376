# An animation studio's render farm: launch templates with user data, Auto Scaling groups with mixed schedules, target tracking, and lifecycle hooks that tell a topic.

provider "aws" {
  region = var.region
}

locals {
  name = "render-farm"

  rules = merge([
    for pool, settings in var.pools : {
      for when, size in settings.schedule : "${pool}-${when}" => { pool = pool, when = when, size = size }
    }
  ]...)

  cron = {
    evening = "0 18 * * 1-5"
    morning = "30 7 * * 1-5"
  }
}

resource "aws_vpc" "farm" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = local.name }
}

resource "aws_subnet" "farm" {
  count = 2

  vpc_id            = aws_vpc.farm.id
  cidr_block        = cidrsubnet(aws_vpc.farm.cidr_block, 4, count.index)
  availability_zone = format("%s%s", var.region, ["a", "b"][count.index])
  tags              = { Name = "${local.name}-${count.index}" }
}

resource "aws_security_group" "farm" {
  name   = local.name
  vpc_id = aws_vpc.farm.id

  ingress {
    description = "Render nodes among themselves"
    from_port   = 7000
    to_port     = 7010
    protocol    = "tcp"
    cidr_blocks = aws_subnet.farm[*].cidr_block
  }
}

resource "aws_sns_topic" "farm" {
  name = "${local.name}-notices"
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["autoscaling.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "hook" {
  name               = "${local.name}-hook"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "hook" {
  name = "tell"
  role = aws_iam_role.hook.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sns:Publish"
      Resource = aws_sns_topic.farm.arn
    }]
  })
}

resource "aws_launch_template" "pool" {
  for_each = var.pools

  name                   = "${local.name}-${each.key}"
  image_id               = var.image
  instance_type          = each.value.type
  vpc_security_group_ids = [aws_security_group.farm.id]
  update_default_version = true

  user_data = base64encode(templatefile("${path.module}/node.sh", {
    pool    = each.key
    threads = each.value.threads
  }))

  block_device_mappings {
    device_name = "/dev/sda1"

    ebs {
      volume_size = each.value.disk
      volume_type = "gp2"
    }
  }
}

resource "aws_autoscaling_group" "pool" {
  for_each = var.pools

  name                      = "${local.name}-${each.key}"
  min_size                  = 0
  max_size                  = each.value.most
  desired_capacity          = 0
  vpc_zone_identifier       = aws_subnet.farm[*].id
  health_check_grace_period = 120
  termination_policies      = ["OldestInstance"]
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.pool[each.key].id
    version = "$Latest"
  }

  tag {
    key                 = "Pool"
    value               = each.key
    propagate_at_launch = true
  }

  # Schedules and tracking change it; Terraform must not change it back.
  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

resource "aws_autoscaling_policy" "busy" {
  for_each = aws_autoscaling_group.pool

  name                   = "${each.value.name}-busy"
  autoscaling_group_name = each.value.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 85

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_autoscaling_schedule" "this" {
  for_each = local.rules

  scheduled_action_name  = each.key
  autoscaling_group_name = aws_autoscaling_group.pool[each.value.pool].name
  recurrence             = local.cron[each.value.when]
  min_size               = 0
  max_size               = var.pools[each.value.pool].most
  desired_capacity       = each.value.size
}

resource "aws_autoscaling_lifecycle_hook" "drain" {
  for_each = aws_autoscaling_group.pool

  name                   = "finish-the-frame"
  autoscaling_group_name = each.value.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  default_result         = "CONTINUE"
  heartbeat_timeout      = 1800

  # A target needs a role and the other way round, so there are both or none.
  notification_target_arn = var.notices ? aws_sns_topic.farm.arn : null
  role_arn                = var.notices ? aws_iam_role.hook.arn : null
}
