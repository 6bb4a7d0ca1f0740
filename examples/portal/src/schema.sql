-- The shop's own tables. They lie in one SQLite file with the engine's, so that an order and what sends it are one commit.
-- Money and quantities are texts: SQLite has no decimals, and a float would change them.

CREATE TABLE IF NOT EXISTS shop_good (
    id INTEGER PRIMARY KEY,          -- the ERP's id, which outlives a renamed code
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    unit TEXT,
    active INTEGER NOT NULL          -- 0: hidden, and kept for the orders that name it
);
CREATE INDEX IF NOT EXISTS shop_good_code ON shop_good (code);

CREATE TABLE IF NOT EXISTS shop_price (
    key TEXT NOT NULL,               -- what the flow calls the price, so that a removal finds it
    client INTEGER NOT NULL,
    good INTEGER NOT NULL,
    from_quantity TEXT NOT NULL,     -- 0, or a quantity threshold
    net TEXT NOT NULL,
    PRIMARY KEY (key, from_quantity)
);
CREATE INDEX IF NOT EXISTS shop_price_good ON shop_price (client, good);

CREATE TABLE IF NOT EXISTS shop_stock (
    key TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    available TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS shop_stock_code ON shop_stock (code);

CREATE TABLE IF NOT EXISTS shop_price_group (key TEXT PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS shop_client (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    price_group TEXT,
    may_buy INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS shop_credit (
    client INTEGER PRIMARY KEY,
    left_over TEXT                   -- NULL: without limit
);

CREATE TABLE IF NOT EXISTS shop_basket (
    client INTEGER NOT NULL,
    good INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    net TEXT NOT NULL,               -- the price that the buyer was shown
    PRIMARY KEY (client, good)
);

CREATE TABLE IF NOT EXISTS shop_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL UNIQUE,
    client INTEGER NOT NULL,
    placed_on TEXT NOT NULL,
    status TEXT NOT NULL,            -- placed, accepted, refused, or what the ERP says
    document INTEGER,                -- the ERP's id
    erp_number TEXT,                 -- none while the document is in the buffer
    problem TEXT
);
CREATE INDEX IF NOT EXISTS shop_order_client ON shop_order (client);

CREATE TABLE IF NOT EXISTS shop_order_line (
    order_id INTEGER NOT NULL REFERENCES shop_order (id),
    line INTEGER NOT NULL,
    good INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    net TEXT NOT NULL,
    PRIMARY KEY (order_id, line)
);

CREATE TABLE IF NOT EXISTS shop_invoice (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    client INTEGER,
    issued_on TEXT NOT NULL,
    gross TEXT,
    currency TEXT,
    ksef TEXT                        -- what KSeF says of it, as JSON: printed on the PDF
);
CREATE INDEX IF NOT EXISTS shop_invoice_client ON shop_invoice (client);
