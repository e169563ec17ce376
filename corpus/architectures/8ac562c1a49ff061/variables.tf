variable "region" {
  description = "The near shore."
  type        = string
  default     = "eu-west-1"
}

variable "far_region" {
  description = "The far shore; another region than the near one."
  type        = string
  default     = "eu-north-1"
}

variable "far_capacity" {
  type    = object({ read = number, write = number })
  default = { read = 5, write = 2 }
}

variable "berths" {
  description = "The ship that lies at each pier overnight, and how long the berth is."
  type        = map(object({ ship = string, metres = number }))
  default = {
    north-quay = { ship = "Guillemot", metres = 84 }
    old-harbor = { ship = "Razorbill", metres = 61 }
    slipway    = { ship = "Puffin", metres = 38 }
  }
}
