variable "region" {
  type    = string
  default = "eu-west-3"
}

variable "tenants" {
  description = "Who rents lockers, on which plan and with how many readers."

  type = map(object({
    plan    = string
    active  = bool
    readers = number
  }))

  default = {
    bookworm = { plan = "premium", active = true, readers = 2 }
    florist  = { plan = "basic", active = true, readers = 1 }
    grocer   = { plan = "basic", active = true, readers = 0 }
    toyshop  = { plan = "premium", active = true, readers = 1 }
    hatter   = { plan = "basic", active = false, readers = 1 }
  }
}
