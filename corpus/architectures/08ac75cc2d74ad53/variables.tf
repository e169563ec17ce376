variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "suppliers" {
  description = "Who drops files; for how many days they are kept, and by which keys."

  type = map(object({
    days       = number
    may_delete = bool
    keys       = list(string)
  }))

  default = {
    engravers = {
      days       = 30
      may_delete = true
      keys       = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEngraversPublicKeyNumberOneOfTheOrchestra00"]
    }

    recording-van = {
      days       = 365
      may_delete = false
      keys       = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIRecordingVanPublicKeyNumberOneOfOrchestra0"]
    }
  }
}
