# A film studio's render machines behind one bastion: instances with a launch template's settings, security groups that refer to each other in both directions, a fixed public address and disks that outlive the machines.

provider "aws" {
  region = var.region
}

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]

  filter {
    name   = "name"
    values = [var.image_name]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}

locals {
  name = "render-${var.production}"
  zone = data.aws_availability_zones.available.names[0]

  tags = {
    Production = var.production
  }

  # Who connects to whom: every row is an egress rule here and an ingress rule there.
  flows = {
    ssh     = { from = "bastion", to = "renderer", port = 22 }
    license = { from = "renderer", to = "bastion", port = 27000 }
    frames  = { from = "renderer", to = "renderer", port = 9400 }
  }
}

resource "aws_vpc" "studio" {
  cidr_block = var.cidr_block
  tags       = merge(local.tags, { Name = local.name })
}

resource "aws_internet_gateway" "studio" {
  vpc_id = aws_vpc.studio.id
  tags   = merge(local.tags, { Name = local.name })
}

resource "aws_subnet" "this" {
  for_each = { door = 0, farm = 1 }

  vpc_id            = aws_vpc.studio.id
  cidr_block        = cidrsubnet(var.cidr_block, 4, each.value)
  availability_zone = local.zone
  tags              = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_route_table" "door" {
  vpc_id = aws_vpc.studio.id
  tags   = merge(local.tags, { Name = "${local.name}-door" })
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.door.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.studio.id
}

resource "aws_route_table_association" "door" {
  subnet_id      = aws_subnet.this["door"].id
  route_table_id = aws_route_table.door.id
}

# Groups that refer to each other must have their rules apart, or they would form a circle.

resource "aws_security_group" "this" {
  for_each = {
    bastion  = "The door of the studio"
    renderer = "Machines that draw frames"
  }

  name        = "${local.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.studio.id
  tags        = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_security_group_rule" "in" {
  for_each = local.flows

  type                     = "ingress"
  description              = "${each.key} from ${each.value.from}"
  security_group_id        = aws_security_group.this[each.value.to].id
  source_security_group_id = aws_security_group.this[each.value.from].id
  protocol                 = "tcp"
  from_port                = each.value.port
  to_port                  = each.value.port
}

resource "aws_security_group_rule" "out" {
  for_each = local.flows

  type                     = "egress"
  description              = "${each.key} to ${each.value.to}"
  security_group_id        = aws_security_group.this[each.value.from].id
  source_security_group_id = aws_security_group.this[each.value.to].id
  protocol                 = "tcp"
  from_port                = each.value.port
  to_port                  = each.value.port
}

resource "aws_security_group_rule" "artists" {
  type              = "ingress"
  description       = "Artists at home"
  security_group_id = aws_security_group.this["bastion"].id
  cidr_blocks       = var.artists
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
}

# Machines.

resource "aws_key_pair" "artists" {
  key_name   = local.name
  public_key = var.public_key
  tags       = local.tags
}

resource "aws_instance" "bastion" {
  ami           = data.aws_ami.linux.id
  instance_type = "t3.micro"
  key_name      = aws_key_pair.artists.key_name
  subnet_id     = aws_subnet.this["door"].id
  tags          = merge(local.tags, { Name = "${local.name}-bastion" })

  user_data = templatefile("${path.module}/templates/bastion.sh.tpl", {
    license_port = local.flows.license.port
  })
}

resource "aws_eip" "bastion" {
  instance = aws_instance.bastion.id
  tags     = merge(local.tags, { Name = "${local.name}-bastion" })

  # An address cannot be reached before there is a gateway.
  depends_on = [aws_internet_gateway.studio]
}

resource "aws_launch_template" "renderer" {
  name                   = "${local.name}-renderer"
  description            = "A machine that draws frames"
  update_default_version = true
  image_id               = data.aws_ami.linux.id
  instance_type          = var.renderer_type
  key_name               = aws_key_pair.artists.key_name
  vpc_security_group_ids = [aws_security_group.this["renderer"].id]

  user_data = base64encode(templatefile("${path.module}/templates/renderer.sh.tpl", {
    license_server = aws_instance.bastion.private_ip
    license_port   = local.flows.license.port
  }))

  tag_specifications {
    resource_type = "instance"
    tags          = merge(local.tags, { Role = "renderer" })
  }
}

# The farm's machines take their settings from the template, so that a person who starts one by hand gets the same.

resource "aws_instance" "renderer" {
  count = var.renderers

  ami              = aws_launch_template.renderer.image_id
  instance_type    = aws_launch_template.renderer.instance_type
  key_name         = aws_launch_template.renderer.key_name
  user_data_base64 = aws_launch_template.renderer.user_data
  subnet_id        = aws_subnet.this["farm"].id
  tags             = merge(local.tags, { Name = "${local.name}-${count.index}", Role = "renderer" })
}

# Machines are put into their group by interface; the default group, which they keep, lets nothing through.

resource "aws_default_security_group" "studio" {
  vpc_id = aws_vpc.studio.id
  tags   = merge(local.tags, { Name = "${local.name}-unused" })
}

resource "aws_network_interface_sg_attachment" "bastion" {
  security_group_id    = aws_security_group.this["bastion"].id
  network_interface_id = aws_instance.bastion.primary_network_interface_id
}

resource "aws_network_interface_sg_attachment" "renderer" {
  count = var.renderers

  security_group_id    = aws_security_group.this["renderer"].id
  network_interface_id = aws_instance.renderer[count.index].primary_network_interface_id
}

# Disks for frames stay when a machine goes.

resource "aws_ebs_volume" "frames" {
  count = var.renderers

  availability_zone = local.zone
  size              = var.frames_gigabytes
  type              = "gp2"
  encrypted         = true
  tags              = merge(local.tags, { Name = "${local.name}-frames-${count.index}" })
}

resource "aws_volume_attachment" "frames" {
  count = var.renderers

  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.frames[count.index].id
  instance_id = aws_instance.renderer[count.index].id
}

# A spare interface keeps its private address, whatever machine it is put into.

resource "aws_network_interface" "storage" {
  subnet_id       = aws_subnet.this["farm"].id
  private_ips     = [cidrhost(aws_subnet.this["farm"].cidr_block, 200)]
  security_groups = [aws_security_group.this["renderer"].id]
  description     = "Storage of the farm"
  tags            = merge(local.tags, { Name = "${local.name}-storage" })
}
