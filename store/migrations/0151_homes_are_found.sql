-- Why: ten thousand homes are searched as they are typed. What a gateway and a device are called is kept as it is
-- compared, as a patient's name is, and found by a trigram index.

ALTER TABLE gateways
    ADD COLUMN search_text text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (' ' || fold(label || ' ' || gateway_id)) STORED;
CREATE INDEX gateways_search ON gateways USING gin (search_text gin_trgm_ops);

ALTER TABLE devices
    ADD COLUMN search_text text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (' ' || fold(label || ' ' || device_id)) STORED;
CREATE INDEX devices_search ON devices USING gin (search_text gin_trgm_ops);
