-- What a lot of each species fetched on average.
SELECT day, species, avg(euros) AS euros
FROM auctions
GROUP BY day, species
