variable "region" {
  type    = string
  default = "us-west-2"
}

variable "shards" {
  type    = number
  default = 2
}

variable "buoys" {
  type = map(object({
    latitude  = number
    longitude = number
  }))

  default = {
    b46050 = { latitude = 44.669, longitude = -124.546 }
    b46029 = { latitude = 46.163, longitude = -124.487 }
    b46041 = { latitude = 47.352, longitude = -124.739 }
  }
}

variable "tags" {
  type = map(string)
  default = {
    Coast = "oregon"
  }
}
