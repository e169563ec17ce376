variable "region" {
  type    = string
  default = "eu-north-1"
}

variable "site" {
  type    = string
  default = "archipelago-ferry.example"
}

variable "stages" {
  type = map(object({
    season = string
    burst  = number
    rate   = number
  }))

  default = {
    "$default" = { season = "summer", burst = 200, rate = 100 }
    winter     = { season = "winter", burst = 20, rate = 10 }
  }
}

variable "tags" {
  type = map(string)
  default = {
    Line = "archipelago"
  }
}
