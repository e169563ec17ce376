variable "region" {
  type    = string
  default = "eu-west-3"
}

variable "chain" {
  type    = string
  default = "fournil"
}

variable "bakeries" {
  type = map(object({
    opens_at = string
    ovens    = map(number)
  }))

  default = {
    canal = {
      opens_at = "06:30"
      ovens    = { bread = 260, pastry = 190 }
    }

    market = {
      opens_at = "05:45"
      ovens    = { bread = 250 }
    }
  }
}
