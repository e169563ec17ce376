variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "huts" {
  description = "The beds of each hut."
  type        = map(number)
  default = {
    eagle-nest   = 42
    marmot       = 18
    stone-meadow = 7
  }
}

variable "season" {
  type    = string
  default = "summer"
}

variable "stages" {
  type = map(object({ audience = string, rate = number }))
  default = {
    live  = { audience = "hikers", rate = 200 }
    trial = { audience = "testers", rate = 10 }
  }
}

variable "tags" {
  type = map(string)
  default = {
    Service = "hut-register"
  }
}
