variable "region" {
  type    = string
  default = "us-east-1"
}

variable "image" {
  type    = string
  default = "ami-12c6146b"
}

variable "notices" {
  type    = bool
  default = true
}

variable "pools" {
  description = "The pools of render nodes; how many are wanted in the evening and in the morning."

  type = map(object({
    type     = string
    threads  = number
    disk     = number
    most     = number
    schedule = map(number)
  }))

  default = {
    frames = {
      type     = "c5.4xlarge"
      threads  = 16
      disk     = 100
      most     = 40
      schedule = { evening = 20, morning = 0 }
    }

    previews = {
      type     = "c5.large"
      threads  = 2
      disk     = 20
      most     = 4
      schedule = { morning = 1 }
    }
  }
}
