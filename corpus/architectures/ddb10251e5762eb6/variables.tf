variable "region" {
  type    = string
  default = "us-east-1"
}

variable "settings" {
  description = "What every build may read, by the name of its variable."
  type        = map(string)

  default = {
    ENGINE  = "4.3"
    CHANNEL = "nightly"
  }
}

variable "projects" {
  type = map(object({
    about   = string
    compute = string
    minutes = number
    docker  = bool
  }))

  default = {
    client = { about = "What players install", compute = "BUILD_GENERAL1_LARGE", minutes = 45, docker = false }
    server = { about = "What players connect to", compute = "BUILD_GENERAL1_SMALL", minutes = 15, docker = true }
    assets = { about = "Textures and sounds", compute = "BUILD_GENERAL1_MEDIUM", minutes = 120, docker = false }
  }
}
