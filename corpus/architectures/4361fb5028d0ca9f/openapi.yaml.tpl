openapi: "3.0.1"
info:
  title: ${title}
  version: "1.0"
x-amazon-apigateway-request-validators:
  parameters:
    validateRequestParameters: true
    validateRequestBody: false
  everything:
    validateRequestParameters: true
    validateRequestBody: true
paths:
  /huts:
    get:
      operationId: listHuts
      responses:
        "200":
          description: Every hut and its beds
      x-amazon-apigateway-integration:
        type: mock
        passthroughBehavior: when_no_match
        requestTemplates:
          application/json: '{"statusCode": 200}'
        responses:
          default:
            statusCode: "200"
            responseTemplates:
              application/json: >-
                ${jsonencode({ huts = huts })}
  /huts/{hut}/beds:
    get:
      operationId: showBeds
      x-amazon-apigateway-request-validator: parameters
      parameters:
        - name: hut
          in: path
          required: true
          schema:
            type: string
        - name: night
          in: query
          required: true
          schema:
            type: string
      responses:
        "200":
          description: Free beds of a night
        "404":
          description: Unknown hut
      x-amazon-apigateway-integration:
        type: mock
        passthroughBehavior: when_no_match
        requestTemplates:
          application/json: |
            #set($hut = $input.params('hut'))
%{ for name, beds in huts ~}
            #if($hut == '${name}')#set($known = true)#end
%{ endfor ~}
            #if($known){"statusCode": 200}#else{"statusCode": 404}#end
        responses:
          "200":
            statusCode: "200"
            responseTemplates:
              application/json: |
                {"hut": "$input.params('hut')", "night": "$input.params('night')", "season": "$stageVariables.season", "free": ["loft", "room 2"]}
          "404":
            statusCode: "404"
            responseTemplates:
              application/json: |
                {"unknown_hut": "$input.params('hut')"}
  /reservations:
    post:
      operationId: reserve
      x-amazon-apigateway-request-validator: everything
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Reservation"
      responses:
        "202":
          description: Thank you
      x-amazon-apigateway-integration:
        type: mock
        passthroughBehavior: never
        requestTemplates:
          application/json: '{"statusCode": 202}'
        responses:
          default:
            statusCode: "202"
            responseTemplates:
              application/json: '{"noted": true, "for": "$stageVariables.audience"}'
components:
  schemas:
    Reservation:
      type: object
      required: [hut, guests]
      properties:
        hut:
          type: string
          enum: ${jsonencode(keys(huts))}
        guests:
          type: integer
          minimum: 1
          maximum: 20
