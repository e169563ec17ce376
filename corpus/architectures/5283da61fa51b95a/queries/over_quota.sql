-- Boats that landed more of a species than their quota allows.
SELECT boat, species, sum(kilos) AS landed
FROM landings
GROUP BY boat, species
HAVING sum(kilos) > ${quota}
