resource "aws_subnet" "this" {
  count = length(var.cidr_blocks)

  vpc_id                  = var.vpc_id
  cidr_block              = var.cidr_blocks[count.index]
  availability_zone       = var.zones[count.index]
  map_public_ip_on_launch = var.public
  tags                    = merge(var.tags, { Name = "${var.name}-${count.index}", Tier = var.tier })
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
  tags   = merge(var.tags, { Name = var.name, Tier = var.tier })
}

resource "aws_route_table_association" "this" {
  count = length(var.cidr_blocks)

  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this.id
}
