variable "region" {
  type    = string
  default = "eu-north-1"
}

variable "player_role" {
  type    = string
  default = "chess-player"
}
